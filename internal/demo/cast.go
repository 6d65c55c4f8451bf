package demo

// crew is a team with what its people are typically capable of, in points of 0-100.
type crew struct {
	code, name, site string
	typical          map[string]float64    // by capability
	bent             map[string]float64    // by sub-competency, added to its capability's
	limit            map[string][2]float64 // by sub-competency: nobody of the crew is outside, but those whose own ability says so
	members          []part
}

// part is one member, told by how they differ from the crew.
type part struct {
	name, profile string
	lift          float64            // in everything
	own           map[string]float64 // by sub-competency: ability whatever the crew is like
	since         map[string]float64 // by capability: what changed before the newest round
	never         string             // capability that they never sat
	from, until   int                // rounds that they sat, from 0, the second excluded; until 0 is all
	joined        int                // days ago; 0 for long ago
	before        string             // crew that they were in during the oldest round
	leaving       bool               // next month
	extraTime     float64            // in the newest round
	underWay      string             // capability whose last form of the newest round they are sitting just now
	next          string             // capability whose last form of the newest round is all that they have still to do
}

const (
	plain      = "agent"
	senior     = "senior_agent"
	lead       = "team_lead"
	supervisor = "ai_supervisor"
)

// usual is what a job profile adds to the crew's abilities, by capability.
var usual = map[string]map[string]float64{
	senior:     {"AIC": 6, "EMP": 9, "CPS": 10, "SVI": 6},
	lead:       {"AIC": 4, "EMP": 11, "CPS": 12, "SVI": 14},
	supervisor: {"AIC": 17, "EMP": 2, "CPS": 7, "SVI": 12},
}

type site struct{ code, name string }

const (
	centreCode = "EAST"
	centreName = "华东服务中心"
)

var sites = []site{{"EAST-SH", "上海基地"}, {"EAST-HZ", "杭州基地"}}

// crews are numbered through: A1001 is the first member of the first.
var crews = []crew{
	{
		code: "EAST-SH-1", name: "数字渠道组", site: "EAST-SH",
		typical: map[string]float64{"AIC": 74, "CPS": 60, "EMP": 60, "SVI": 53},
		bent:    map[string]float64{"AIC.2": 4, "EMP.4": -12, "CPS.3": 4},
		limit:   map[string][2]float64{"EMP.4": {16, 40}}, // nobody can compensate for missing warmth
		members: []part{
			{name: "陈思远", profile: plain, lift: -1, since: map[string]float64{"AIC": 27, "EMP": 6}, next: "EMP"},
			{name: "王芳", profile: plain},
			{name: "李浩然", profile: plain, lift: -7, since: map[string]float64{"CPS": 30}},
			{name: "周雨桐", profile: senior},
			{name: "欧阳晓宁", profile: supervisor, lift: 3},
			{name: "徐嘉怡", profile: plain, never: "SVI"},
			{name: "孙博", profile: plain, lift: -12},
			{name: "朱梓萱", profile: senior, lift: 2},
			{name: "何俊杰", profile: lead, lift: 1},
			{name: "郭晓燕", profile: plain, lift: 3, since: map[string]float64{"EMP": -38}},
			{name: "马文轩", profile: plain, lift: -4, from: 2, joined: 70},
			{name: "古丽娜尔·艾山", profile: plain, lift: 5, extraTime: 1.5},
			{name: "高翔", profile: plain, lift: -4},
		},
	},
	{
		code: "EAST-SH-2", name: "客户关怀组", site: "EAST-SH",
		typical: map[string]float64{"AIC": 61, "CPS": 62, "EMP": 75, "SVI": 49},
		bent:    map[string]float64{"EMP.4": 4, "CPS.3": -10},
		limit:   map[string][2]float64{"CPS.3": {26, 48}},
		members: []part{
			{name: "林婉清", profile: senior, lift: 2, own: map[string]float64{"CPS.3": 99}, leaving: true}, // the only one, and she goes
			{name: "黄子涵", profile: plain, lift: 5, since: map[string]float64{"AIC": 33}},
			{name: "赵丽", profile: plain, lift: -3},
			{name: "吴佳琪", profile: plain, lift: 9, since: map[string]float64{"SVI": 32}},
			{name: "刘一洋", profile: plain, lift: -9, never: "SVI"},
			{name: "许诺", profile: senior, lift: 3},
			{name: "沈梦瑶", profile: plain},
			{name: "韩雪梅", profile: lead, lift: 1},
			{name: "曹阳", profile: plain, until: 1, never: "CPS"}, // on leave since
			{name: "邓小敏", profile: plain, lift: -5, underWay: "EMP", extraTime: 2},
			{name: "彭丽华", profile: plain, lift: 6, since: map[string]float64{"AIC": -28}},
			{name: "谢雨晨", profile: supervisor},
			{name: "司徒嘉", profile: lead, lift: -4},
			{name: "冯静", profile: plain, joined: 6, from: history}, // nothing to show yet
		},
	},
	{
		code: "EAST-HZ-1", name: "疑难处理组", site: "EAST-HZ",
		typical: map[string]float64{"AIC": 69, "CPS": 71, "EMP": 67, "SVI": 58},
		bent:    map[string]float64{"CPS.3": 4, "AIC.2": -3, "SVI.3": -6},
		members: []part{
			{name: "张伟", profile: senior, lift: 6},
			{name: "罗志强", profile: plain, lift: 4},
			{name: "宋佳宁", profile: plain, lift: -8, since: map[string]float64{"EMP": 31}},
			{name: "唐文博", profile: lead, lift: 6},
			{name: "董洁", profile: plain, lift: 10},
			{name: "于海涛", profile: plain, lift: -13},
			{name: "程晨", profile: supervisor, lift: 2},
			{name: "叶知秋", profile: plain, lift: 7, never: "EMP"},
			{name: "蒋雯", profile: senior},
			{name: "杜鹏飞", profile: plain, lift: -1, since: map[string]float64{"SVI": 32}},
			{name: "苏晓彤", profile: plain, until: 1, lift: -2}, // only the oldest round: not enough any more
			{name: "王芳", profile: plain, lift: 1, before: "EAST-SH-1"},
			{name: "潘宏达", profile: plain, lift: 4, since: map[string]float64{"CPS": -36}},
		},
	},
}
