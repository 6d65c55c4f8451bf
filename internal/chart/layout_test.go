package chart

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		s    string
		room float64
		most int
		want []string
	}{
		{"共情回应", 100, 3, []string{"共情回应"}},
		{"跨部门流转协同(问题流转白板)", 110, 3, []string{"跨部门流转协同", "(问题流转白板)"}},
		{"温度缺失补偿与个性化关怀", 100, 3, []string{"温度缺失补偿", "与个性化关怀"}},
		{"温度缺失补偿与个性化关怀", 60, 2, []string{"温度缺失补", "偿与个性…"}},
		{"Emotion recognition and quantification", 100, 2, []string{"Emotion", "recognition a…"}},
		{"  a   b ", 100, 1, []string{"a b"}},
		{"", 100, 2, []string{""}},
	} {
		if got := wrap(c.s, 12, c.room, c.most, false); !slices.Equal(got, c.want) {
			t.Errorf("wrap(%q, %g, %d) = %q, want %q", c.s, c.room, c.most, got, c.want)
		}
	}
}

func TestWrapLosesNothingAndFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"AI", "情绪识别", "(愤怒指数)", "judging advice", "≤3", "分钟、", "x"}), 1, 8).Draw(t, "words")
		s := strings.Join(words, rapid.SampledFrom([]string{"", " "}).Draw(t, "between"))
		room := rapid.Float64Range(40, 200).Draw(t, "room")
		lines := wrap(s, 12, room, 3, true)
		if len(lines) > 3 {
			t.Fatalf("%d lines", len(lines))
		}
		bare := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		all, whole := bare(strings.Join(lines, "")), bare(s)
		if !strings.Contains(all, "…") && all != whole {
			t.Fatalf("%q became %q", s, lines)
		}
		for _, l := range lines {
			if width(l, 12, true) > room {
				t.Fatalf("%q is wider than %g", l, room)
			}
		}
	})
}

// The fifteen sub-competencies are the most that the model puts on one radar: every label must be inside the frame and lie on no other.
func TestLabelsDoNotOverlap(t *testing.T) {
	names := []string{"智能工单操作", "AI建议判断(适度依赖)", "人机交接与介入时机", "AI安全合规与技术理解", "情绪识别与量化(愤怒指数)", "情绪曲线分析", "共情回应", "温度缺失补偿与个性化关怀",
		"信息整合(≤3分钟)", "问题定级与诊断(1-5级)", "跨部门流转协同(问题流转白板)", "知识案例运用(PCI推送)", "服务数据洞察", "流程优化提案", "数据驱动反向赋能"}
	for n := 3; n <= len(names); n++ {
		for _, size := range []Size{Full, Small} {
			r := sample(n)
			for i := range r.Axes {
				r.Axes[i].Label = names[i]
			}
			r.Outlines[0].Values[n/2], r.Axes[n/2].Value = nil, "未评估"
			d := must(r.draw())
			w, h := 480.0, 400.0
			if size == Small {
				w, h = 176, 140
			}
			_, radius, labels, boxes := d.place(w, h, size)
			if radius < 0.2*h {
				t.Errorf("%d axes: a radius of %.0f is too small to read", n, radius)
			}
			if size == Full && len(labels[0].lines) == 0 {
				t.Errorf("%d axes: no labels", n)
			}
			for i, a := range boxes {
				if a.h > 0 && (a.x < 0 || a.y < 0 || a.x+a.w > w || a.y+a.h > h) {
					t.Errorf("%d axes: label %d leaves the frame", n, i)
				}
				for k, b := range boxes[:i] {
					if a.h > 0 && b.h > 0 && a.x < b.x+b.w-0.01 && b.x < a.x+a.w-0.01 && a.y < b.y+b.h-0.01 && b.y < a.y+a.h-0.01 {
						t.Errorf("%d axes: label %d lies on label %d", n, i, k)
					}
				}
			}
		}
	}
}

// On a small radar labels must give way on all four sides.
func TestNeighboursGiveWay(t *testing.T) {
	for n := 11; n <= 15; n++ {
		labels := make([]label, n)
		for i := range labels {
			labels[i] = label{w: 70, h: 40}
		}
		boxes := arrange(labels, 50)
		moved := false
		for i, a := range boxes {
			b := boxes[(i+1)%n]
			if a.x < b.x+b.w-0.01 && b.x < a.x+a.w-0.01 && a.y < b.y+b.h-0.01 && b.y < a.y+a.h-0.01 {
				t.Errorf("%d axes: label %d lies on the next: %v %v", n, i, a, b)
			}
			mirror := boxes[(n-i)%n]
			if !near(point{a.x + a.w, a.y}, point{-mirror.x, mirror.y}) {
				t.Errorf("%d axes: label %d is not the mirror of its opposite", n, i)
			}
			moved = moved || a.y < -50-labelGap-40
		}
		if !moved {
			t.Errorf("%d axes: nothing had to give way, so nothing was tested", n)
		}
	}
}
