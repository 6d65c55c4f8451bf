package web

import (
	"html/template"
	"strings"
	"text/template/parse"

	"leida/internal/text"
	"leida/static"
)

// fold writes into the templates what is the same on every page: {{t "key"}} of a text without arguments, {{asset "name"}}. A page has a hundred of them, and a call at each rendering costs
// more than all else that it does. What holds a character that means something in HTML is left to html/template.
// No text stands in an address.
func fold(set *template.Template, l text.Lang) {
	constants := map[string]func(string) string{"t": func(key string) string { return text.Say(l, key) }, "asset": static.URL}
	for _, one := range set.Templates() {
		if one.Tree != nil {
			foldList(one.Tree.Root, constants)
		}
	}
}

func foldList(list *parse.ListNode, constants map[string]func(string) string) {
	if list == nil {
		return
	}
	for i, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			if s, ok := constant(n.Pipe, constants); ok {
				list.Nodes[i] = &parse.TextNode{NodeType: parse.NodeText, Pos: n.Pos, Text: []byte(s)}
			}
		case *parse.IfNode:
			foldList(n.List, constants)
			foldList(n.ElseList, constants)
		case *parse.RangeNode:
			foldList(n.List, constants)
			foldList(n.ElseList, constants)
		case *parse.WithNode:
			foldList(n.List, constants)
			foldList(n.ElseList, constants)
		}
	}
}

// constant is what a function of one literal gives.
func constant(p *parse.PipeNode, constants map[string]func(string) string) (string, bool) {
	if len(p.Decl) > 0 || len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 2 {
		return "", false
	}
	name, ok := p.Cmds[0].Args[0].(*parse.IdentifierNode)
	literal, ok2 := p.Cmds[0].Args[1].(*parse.StringNode)
	if !ok || !ok2 || constants[name.Ident] == nil {
		return "", false
	}
	s := constants[name.Ident](literal.Text)
	return s, !strings.ContainsAny(s, "<>&'\"`+\x00")
}
