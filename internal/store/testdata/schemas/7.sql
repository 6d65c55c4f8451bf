BEGIN TRANSACTION;
CREATE TABLE assignment_people (
  assignment_id TEXT NOT NULL REFERENCES assignments (id),
  person_id     TEXT NOT NULL REFERENCES people (id),
  PRIMARY KEY (assignment_id, person_id)
) STRICT;
INSERT INTO "assignment_people" VALUES('mh7ymgr3d63vq37dp5wcxkhjfc','vcsfaz82acvr3khz1pdzx3gqp0');
CREATE TABLE assignment_teams (
  assignment_id TEXT NOT NULL REFERENCES assignments (id),
  team_id       TEXT NOT NULL REFERENCES teams (id),
  PRIMARY KEY (assignment_id, team_id)
) STRICT;
INSERT INTO "assignment_teams" VALUES('mh7ymgr3d63vq37dp5wcxkhjfc','ng1m4sn6ph91900xzezd62bz2w');
CREATE TABLE assignments (
  id          TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  assessment  TEXT NOT NULL CHECK (assessment <> ''),
  assigned_by TEXT NOT NULL REFERENCES people (id),
  opens       INTEGER NOT NULL,
  closes      INTEGER NOT NULL,
  cycle_id    TEXT REFERENCES cycles (id),
  created_at  INTEGER NOT NULL,
  CHECK (closes > opens)
) STRICT;
INSERT INTO "assignments" VALUES('mh7ymgr3d63vq37dp5wcxkhjfc','form','ae98yk3ewymmmz2g30yc61dh5m',1793617200000,1793703600000,NULL,1793620800000);
CREATE TABLE audit (
  seq        INTEGER NOT NULL PRIMARY KEY CHECK (seq > 0),
  at         INTEGER NOT NULL,
  actor      TEXT NOT NULL,
  action     TEXT NOT NULL CHECK (action <> ''),
  object     TEXT NOT NULL,
  object_id  TEXT NOT NULL,
  detail     TEXT NOT NULL CHECK (detail = '' OR json_valid(detail)),
  request_id TEXT NOT NULL,
  hash       BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
INSERT INTO "audit" VALUES(1,1793620800000,'ann','person.update','person','0','{"name": "王芳"}','r',X'BA58E28AC0A0DD0DF78159FE41D601F7CBAC0F963F932E2DF66A23DF298A844B');
INSERT INTO "audit" VALUES(2,1793620800000,'ann','person.update','person','1','{"name": "王芳"}','r',X'7083BE5D77C03D49B1662C88D863454CFE843545D6FDD4D179C3989AE25F5F2D');
INSERT INTO "audit" VALUES(3,1793620800000,'ann','person.update','person','2','{"name": "王芳"}','r',X'289D2DA224913C0FE99E68DB529A8CC0425CB5FBCA3F060801EA9E266AA4D60D');
INSERT INTO "audit" VALUES(4,1793620800000,'ann','person.update','person','3','{"name": "王芳"}','r',X'C4BF6ACE4AE7E5C62F3CD419824D04FFEAFD02C0C7B325F694D8DCDBFDDA2554');
INSERT INTO "audit" VALUES(5,1793620800000,'ann','person.update','person','4','{"name": "王芳"}','r',X'F945A69274D703860466EBE8FEA3531954B76734B8DBBCD710F9909BB82FFE48');
CREATE TABLE cycles (
  id        TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  name_zh   TEXT NOT NULL,
  name_en   TEXT NOT NULL DEFAULT '',
  starts_at INTEGER NOT NULL,
  ends_at   INTEGER NOT NULL,
  closed_at INTEGER,
  CHECK (ends_at > starts_at)
) STRICT;
INSERT INTO "cycles" VALUES('2026-q3','2026年第三季度','Q3 2026',1782864000000,1790812800000,1793620800000);
INSERT INTO "cycles" VALUES('2026-q4','2026年第四季度','Q4 2026',1790812800000,1798761600000,NULL);
CREATE TABLE definitions (
  hash       TEXT NOT NULL PRIMARY KEY CHECK (hash <> ''),
  definition TEXT NOT NULL,
  version    INTEGER NOT NULL CHECK (version > 0),
  schema     TEXT NOT NULL,
  source     BLOB NOT NULL
) STRICT;
INSERT INTO "definitions" VALUES('form form','form',1,'leida/assessment@1',X'69643A20780A');
INSERT INTO "definitions" VALUES('hash item-0','item-0',1,'leida/item@1',X'69643A206974656D2D300A');
INSERT INTO "definitions" VALUES('hash item-1','item-1',1,'leida/item@1',X'69643A206974656D2D310A');
INSERT INTO "definitions" VALUES('hash item-2','item-2',1,'leida/item@1',X'69643A206974656D2D320A');
CREATE TABLE evidence (
  id           TEXT NOT NULL CHECK (id <> ''),
  person_id    TEXT NOT NULL REFERENCES people (id),
  sub          TEXT NOT NULL CHECK (sub <> ''),
  item_id      TEXT NOT NULL CHECK (item_id <> ''),
  item_version INTEGER NOT NULL,
  item_hash    TEXT NOT NULL,
  sitting_id   TEXT REFERENCES sittings (id),
  cycle_id     TEXT REFERENCES cycles (id),
  y            REAL NOT NULL CHECK (y BETWEEN 0 AND 100),
  n            REAL NOT NULL CHECK (n > 0),
  source       TEXT NOT NULL CHECK (source IN ('quiz', 'rater', 'kpi', 'observation')),
  performance  INTEGER NOT NULL CHECK (performance IN (0, 1)),
  observed_at  INTEGER NOT NULL,
  scenario     TEXT NOT NULL DEFAULT '',
  channel      TEXT NOT NULL DEFAULT '',
  void         INTEGER NOT NULL DEFAULT 0 CHECK (void IN (0, 1)),
  PRIMARY KEY (person_id, observed_at, id) -- one person's records lie together, which is how they are read
) STRICT, WITHOUT ROWID;
INSERT INTO "evidence" VALUES('hdmmes1b87fctnc96bxtc7q6bw-0','znc2swnhwcgqcq7xr2t0d3a588','aic.1','item-0',1,'hash item-0','hdmmes1b87fctnc96bxtc7q6bw',NULL,75.0,1.0,'quiz',1,1793620860000,'refund','chat',0);
INSERT INTO "evidence" VALUES('hdmmes1b87fctnc96bxtc7q6bw-1','znc2swnhwcgqcq7xr2t0d3a588','aic.1','item-1',1,'hash item-1','hdmmes1b87fctnc96bxtc7q6bw',NULL,75.0,1.0,'quiz',1,1793620860000,'refund','chat',0);
INSERT INTO "evidence" VALUES('hdmmes1b87fctnc96bxtc7q6bw-2','znc2swnhwcgqcq7xr2t0d3a588','aic.1','item-2',1,'hash item-2','hdmmes1b87fctnc96bxtc7q6bw',NULL,75.0,1.0,'quiz',1,1793620860000,'refund','chat',0);
CREATE TABLE factors (
  person_id    TEXT NOT NULL PRIMARY KEY REFERENCES people (id),
  secret       BLOB NOT NULL CHECK (length(secret) >= 20),
  confirmed_at INTEGER,
  last_step    INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO "factors" VALUES('znc2swnhwcgqcq7xr2t0d3a588',X'7477656E7479206279746573206F662073656564',1793620800000,7);
INSERT INTO "factors" VALUES('ae98yk3ewymmmz2g30yc61dh5m',X'7477656E7479206279746573206F72206D6F7265',NULL,0);
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_db_version" VALUES(1,0,1,'2026-11-30 07:28:08');
INSERT INTO "goose_db_version" VALUES(2,1,1,'2026-11-30 07:28:08');
INSERT INTO "goose_db_version" VALUES(3,2,1,'2026-11-30 07:28:08');
INSERT INTO "goose_db_version" VALUES(4,3,1,'2026-11-30 07:28:08');
INSERT INTO "goose_db_version" VALUES(5,4,1,'2026-11-30 07:28:08');
INSERT INTO "goose_db_version" VALUES(6,5,1,'2026-11-30 07:28:08');
INSERT INTO "goose_db_version" VALUES(7,6,1,'2026-11-30 07:28:08');
INSERT INTO "goose_db_version" VALUES(8,7,1,'2026-11-30 07:28:08');
CREATE TABLE grants (
  person_id TEXT NOT NULL REFERENCES people (id),
  access    TEXT NOT NULL CHECK (access IN ('agent', 'trainer', 'manager', 'admin')),
  team_id   TEXT REFERENCES teams (id),
  CHECK ((access = 'manager') = (team_id IS NOT NULL))
) STRICT;
INSERT INTO "grants" VALUES('znc2swnhwcgqcq7xr2t0d3a588','agent',NULL);
INSERT INTO "grants" VALUES('vcsfaz82acvr3khz1pdzx3gqp0','agent',NULL);
INSERT INTO "grants" VALUES('nt3c34k7fs5htaepb0y9b0vfbm','manager','ng1m4sn6ph91900xzezd62bz2w');
INSERT INTO "grants" VALUES('2mw9b5zntm9wavfbgwdyg3xsmr','manager','r06nvwbtes1a8yc31e6hb49exg');
INSERT INTO "grants" VALUES('ae98yk3ewymmmz2g30yc61dh5m','trainer',NULL);
INSERT INTO "grants" VALUES('qhv7kp8c6kcrtx4m1145yyqvv0','admin',NULL);
CREATE TABLE item_texts (
  hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
  body TEXT NOT NULL CHECK (json_valid(body))
) STRICT;
INSERT INTO "item_texts" VALUES('d343684008e157342c95a9a4ec238f9e4f847f9ae1cc779be9275a47dad814bf','{"prompt":{"zh":"问"},"reading":{"Dialogue":null,"Records":null,"Reference":null,"Situation":{"zh":""},"Table":null},"subs":{},"title":{"zh":"题"},"words":null}');
CREATE TABLE leases (
  name   TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
  holder TEXT NOT NULL CHECK (holder <> ''),
  until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "leases" VALUES('sweep','me',1793620860000);
CREATE TABLE memberships (
  person_id TEXT NOT NULL REFERENCES people (id),
  team_id   TEXT NOT NULL REFERENCES teams (id),
  since     INTEGER NOT NULL,
  until     INTEGER,
  CHECK (until IS NULL OR until > since)
) STRICT;
INSERT INTO "memberships" VALUES('znc2swnhwcgqcq7xr2t0d3a588','zgwqwp7cepgy61qne6v1v736a0',1788350400000,NULL);
INSERT INTO "memberships" VALUES('vcsfaz82acvr3khz1pdzx3gqp0','4wyxbjpkmp3p4atp0fyb80r43r',1788350400000,NULL);
CREATE TABLE people (
  id            TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  number        TEXT NOT NULL,
  number_canon  TEXT NOT NULL CHECK (number_canon <> ''),
  name          TEXT NOT NULL,
  name_canon    TEXT NOT NULL CHECK (name_canon <> ''),
  email         TEXT NOT NULL DEFAULT '',
  job_profile   TEXT NOT NULL DEFAULT '',
  active_from   INTEGER,
  active_to     INTEGER,
  password_hash TEXT, password_until INTEGER,
  CHECK (active_to IS NULL OR active_from IS NULL OR active_to > active_from)
) STRICT;
INSERT INTO "people" VALUES('znc2swnhwcgqcq7xr2t0d3a588','0001','0001','坐席 0001','坐席 0001','','aic',1762084800000,NULL,'hash of 0001',NULL);
INSERT INTO "people" VALUES('vcsfaz82acvr3khz1pdzx3gqp0','0002','0002','坐席 0002','坐席 0002','','aic',1762084800000,NULL,'hash',1793624400000);
INSERT INTO "people" VALUES('nt3c34k7fs5htaepb0y9b0vfbm','0003','0003','Eve','eve','','aic',1762084800000,NULL,'hash of 0003',NULL);
INSERT INTO "people" VALUES('2mw9b5zntm9wavfbgwdyg3xsmr','0004','0004','Wes','wes','','aic',1762084800000,NULL,'hash of 0004',NULL);
INSERT INTO "people" VALUES('ae98yk3ewymmmz2g30yc61dh5m','0005','0005','Tina','tina','','aic',1762084800000,NULL,'hash of 0005',NULL);
INSERT INTO "people" VALUES('qhv7kp8c6kcrtx4m1145yyqvv0','0006','0006','Ada','ada','','aic',1762084800000,NULL,'hash of 0006',NULL);
CREATE TABLE recovery_codes (
  person_id TEXT NOT NULL REFERENCES people (id),
  hash      BLOB NOT NULL CHECK (length(hash) = 32),
  used_at   INTEGER,
  PRIMARY KEY (person_id, hash)
) STRICT;
INSERT INTO "recovery_codes" VALUES('znc2swnhwcgqcq7xr2t0d3a588',X'0100000000000000000000000000000000000000000000000000000000000000',NULL);
INSERT INTO "recovery_codes" VALUES('znc2swnhwcgqcq7xr2t0d3a588',X'0200000000000000000000000000000000000000000000000000000000000000',NULL);
INSERT INTO "recovery_codes" VALUES('ae98yk3ewymmmz2g30yc61dh5m',X'5694D08A2E53FFCAE0C3103E5AD6F6076ABD960EB1F8A56577040BC1028F702B',NULL);
CREATE TABLE rescoring_lines (
  rescoring_id TEXT NOT NULL REFERENCES rescorings (id),
  sitting_id   TEXT NOT NULL REFERENCES sittings (id),
  person_id    TEXT NOT NULL REFERENCES people (id),
  place        INTEGER NOT NULL CHECK (place >= 0),
  revision     INTEGER NOT NULL CHECK (revision > 0), -- of the result that the plan looked at
  left_as_was  TEXT NOT NULL DEFAULT '',              -- why nothing is done
  falls        INTEGER NOT NULL CHECK (falls IN (0, 1)),
  was          REAL NOT NULL CHECK (was BETWEEN 0 AND 100), -- score of the sitting
  becomes      REAL NOT NULL CHECK (becomes BETWEEN 0 AND 100),
  place_was    REAL NOT NULL CHECK (place_was BETWEEN 0 AND 1),
  place_becomes REAL NOT NULL CHECK (place_becomes BETWEEN 0 AND 1),
  effects      TEXT NOT NULL CHECK (json_valid(effects)), -- evidence, levels, pass, critical errors; before and after
  written      INTEGER, -- the revision that applying wrote
  unwritten    INTEGER, -- the revision that taking it back wrote
  PRIMARY KEY (rescoring_id, sitting_id)
) STRICT;
INSERT INTO "rescoring_lines" VALUES('r','hdmmes1b87fctnc96bxtc7q6bw','znc2swnhwcgqcq7xr2t0d3a588',1,1,'',1,75.0,66.666666666666671,0.75,0.5,'{}',NULL,NULL);
CREATE TABLE rescorings (
  id         TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  item_id    TEXT NOT NULL CHECK (item_id <> ''),
  rule       TEXT NOT NULL CHECK (rule IN ('current', 'current-or-previous', 'full-credit')),
  reason     TEXT NOT NULL CHECK (reason <> ''),
  newest     TEXT NOT NULL REFERENCES definitions (hash), -- the item version that it marks by
  version    INTEGER NOT NULL CHECK (version > 0),        -- its number
  state      TEXT NOT NULL CHECK (state IN ('planning', 'planned', 'applying', 'applied', 'cancelled', 'undoing', 'undone', 'dropped', 'failed')),
  made_by    TEXT NOT NULL,
  made_at    INTEGER NOT NULL,
  started_at INTEGER, -- of applying or undoing, whichever was last
  ended_at   INTEGER,
  total      INTEGER NOT NULL DEFAULT 0 CHECK (total >= 0), -- sittings to go through in this state
  done       INTEGER NOT NULL DEFAULT 0 CHECK (done >= 0),
  counts     TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(counts)), -- of the plan
  digest     TEXT NOT NULL DEFAULT ''                               -- of what the plan rests on, in hex
) STRICT;
INSERT INTO "rescorings" VALUES('r','item-1','current','键错了','hash item-1',2,'applied','ae98yk3ewymmmz2g30yc61dh5m',5,NULL,NULL,0,0,'{}','');
CREATE TABLE results (
  sitting_id   TEXT NOT NULL REFERENCES sittings (id),
  revision     INTEGER NOT NULL CHECK (revision > 0),
  at           INTEGER NOT NULL,
  reason       TEXT NOT NULL DEFAULT '',
  rescoring_id TEXT REFERENCES rescorings (id),
  score        REAL NOT NULL CHECK (score BETWEEN 0 AND 100),
  body         BLOB NOT NULL,
  hash         BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (sitting_id, revision),
  CHECK ((revision = 1) = (rescoring_id IS NULL))
) STRICT;
INSERT INTO "results" VALUES('hdmmes1b87fctnc96bxtc7q6bw',1,1793620860000,'',NULL,75.0,X'DC93CD8ED43010845F65556703CEAF139F780F849063772666136727DDD91911CDBB232FA31170E2CA5E2C57CBEEEA4F2E1F70CCC4BC5012D80393E30916E3BA2D4F7981420CF7026E0A4E600BD3576DA9BB566BAD155E68E335C1E247F2255FD274F1A7B33F9BEB568A0E956BBA0E0A2FB3F3C4B05F0E8C446170FE19F6B82944A105F6E19C0778CAB50F1A77EF877AA58D63B62A6E0ACF310558F07781C2428EF72DF74FFB3C2BB05F3782D51F4DA3C0E4D7141856BFEDE5AD855610BA0AC3225475D576B5D61D158DA9EAD2F78DEB5D4DBEACBAB1A77AEC6A33F68E0AEF8DE907EA4BD3B8DA0417BAA21E4628EC290AC3160A178AA74990473CFE95B4C0EFA459BD57D2F20FD2ACFE2FD2AF0A1BBDC67B0A73CE265A1C2C668AC17DDA88F7593EE717BC27F057FE28C0C24081A3484C27584C6159888BA133A397E4FB76B88A37E776B8E463FBB044917CEDAFCF2671A16FA3F3B26EB0C5ED67000000FFFF',X'FF483434C113E5222B4F5A609E07ADABD25544B1BCADB4AAB723A47BC0E3A920');
CREATE TABLE sessions (
  id         TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  person_id  TEXT NOT NULL REFERENCES people (id),
  token_hash BLOB NOT NULL CHECK (length(token_hash) = 32),
  user_agent TEXT NOT NULL DEFAULT '',
  started_at INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  idle       INTEGER NOT NULL CHECK (idle > 0),
  expires_at INTEGER NOT NULL CHECK (expires_at > started_at)
, half INTEGER NOT NULL DEFAULT 0 CHECK (half IN (0, 1)), proved_at INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "sessions" VALUES('tsmssbhmcnt21fga97n1xm2hsw','znc2swnhwcgqcq7xr2t0d3a588',X'17B9639C99EEBB8BF27DC599A4AE762ACCF05843CD8D926270098DF9403F6C83','浏览器 "x"',1793620800000,1793620800000,3600000,1793649600000,0,1793620800000);
CREATE TABLE sittings (
  id              TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  person_id       TEXT NOT NULL REFERENCES people (id),
  assignment_id   TEXT NOT NULL REFERENCES assignments (id),
  assessment      TEXT NOT NULL,
  assessment_hash TEXT NOT NULL REFERENCES definitions (hash),
  title_zh        TEXT NOT NULL,
  title_en        TEXT NOT NULL DEFAULT '',
  cycle_id        TEXT REFERENCES cycles (id),
  seed            INTEGER NOT NULL, -- the bits of an unsigned number
  time_factor     REAL NOT NULL CHECK (time_factor BETWEEN 1 AND 3),
  state           TEXT NOT NULL CHECK (state IN ('open', 'submitted')),
  started_at      INTEGER NOT NULL,
  deadline        INTEGER,
  submitted_at    INTEGER,
  auto            INTEGER NOT NULL CHECK (auto IN (0, 1)),
  blank           INTEGER NOT NULL CHECK (blank IN (0, 1)),
  counts          INTEGER NOT NULL CHECK (counts IN (0, 1)),
  holder          TEXT NOT NULL,
  score           REAL NOT NULL CHECK (score BETWEEN 0 AND 100),
  CHECK ((state = 'submitted') = (submitted_at IS NOT NULL))
) STRICT;
INSERT INTO "sittings" VALUES('hdmmes1b87fctnc96bxtc7q6bw','znc2swnhwcgqcq7xr2t0d3a588','mh7ymgr3d63vq37dp5wcxkhjfc','form','form form','测评','Form',NULL,-9223372036854775808,1.3333333333333333,'submitted',1793620800000,1793624400000,1793620860000,0,0,1,'session of 0001',75.0);
INSERT INTO "sittings" VALUES('jp2hmk1d7jhhe8es28mtrbzrk4','vcsfaz82acvr3khz1pdzx3gqp0','mh7ymgr3d63vq37dp5wcxkhjfc','form','form form','测评','Form',NULL,-9223372036854775808,1.0,'open',1793620800000,1793624400000,NULL,0,0,1,'session of 0002',0.0);
CREATE TABLE slots (
  sitting_id TEXT NOT NULL REFERENCES sittings (id),
  n          INTEGER NOT NULL CHECK (n >= 0),
  section    INTEGER NOT NULL CHECK (section >= 0),
  weight     REAL NOT NULL CHECK (weight BETWEEN 0 AND 1),
  item_id    TEXT NOT NULL,
  item_hash  TEXT NOT NULL REFERENCES definitions (hash),
  answer     TEXT CHECK (answer IS NULL OR json_valid(answer)),
  rev        INTEGER NOT NULL CHECK (rev >= 0),
  saved_at   INTEGER,
  seconds    REAL NOT NULL CHECK (seconds >= 0),
  flagged    INTEGER NOT NULL CHECK (flagged IN (0, 1)),
  score      REAL NOT NULL CHECK (score BETWEEN 0 AND 1),
  critical   TEXT NOT NULL DEFAULT '', opened_at INTEGER, -- ids, one a line
  PRIMARY KEY (sitting_id, n)
) STRICT;
INSERT INTO "slots" VALUES('hdmmes1b87fctnc96bxtc7q6bw',0,0,1.0,'item-0','hash item-0',NULL,0,NULL,0.0,0,0.75,'a
b',NULL);
INSERT INTO "slots" VALUES('hdmmes1b87fctnc96bxtc7q6bw',1,0,1.0,'item-1','hash item-1','{"choice":"答"}',1,1793620801000,1.0,0,0.75,'a
b',NULL);
INSERT INTO "slots" VALUES('hdmmes1b87fctnc96bxtc7q6bw',2,0,1.0,'item-2','hash item-2',NULL,0,NULL,0.0,0,0.75,'a
b',NULL);
INSERT INTO "slots" VALUES('jp2hmk1d7jhhe8es28mtrbzrk4',0,0,1.0,'item-0','hash item-0',NULL,0,NULL,0.0,0,0.0,'',NULL);
INSERT INTO "slots" VALUES('jp2hmk1d7jhhe8es28mtrbzrk4',1,0,1.0,'item-1','hash item-1',NULL,0,NULL,0.0,0,0.0,'',NULL);
INSERT INTO "slots" VALUES('jp2hmk1d7jhhe8es28mtrbzrk4',2,0,1.0,'item-2','hash item-2',NULL,0,NULL,0.0,0,0.0,'',NULL);
CREATE TABLE snapshots (
  cycle_id  TEXT NOT NULL REFERENCES cycles (id),
  person_id TEXT NOT NULL REFERENCES people (id),
  revision  INTEGER NOT NULL CHECK (revision > 0),
  body      TEXT NOT NULL CHECK (json_valid(body)), rescoring_id TEXT REFERENCES rescorings (id) CHECK (rescoring_id IS NULL OR revision > 1), undo INTEGER NOT NULL DEFAULT 0 CHECK (undo IN (0, 1)),
  PRIMARY KEY (cycle_id, person_id, revision)
) STRICT;
INSERT INTO "snapshots" VALUES('2026-q3','znc2swnhwcgqcq7xr2t0d3a588',1,'{"cycle":"2026-q3","revision":1,"model_id":"","model_version":"","at":1793620800000,"capabilities":[],"subs":[],"evidence":null}',NULL,0);
INSERT INTO "snapshots" VALUES('2026-q3','znc2swnhwcgqcq7xr2t0d3a588',2,'{"cycle":"2026-q3","revision":1,"model_id":"","model_version":"","at":1793620800000,"capabilities":[],"subs":[],"evidence":null}','r',1);
CREATE TABLE teams (
  id         TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  parent_id  TEXT REFERENCES teams (id),
  code       TEXT NOT NULL,
  code_canon TEXT NOT NULL CHECK (code_canon <> ''),
  name       TEXT NOT NULL,
  name_canon TEXT NOT NULL CHECK (name_canon <> ''),
  CHECK (parent_id <> id)
) STRICT;
INSERT INTO "teams" VALUES('wwnegt3a8wx7nmchf3wmdrp1q8',NULL,'centre','centre','centre','centre');
INSERT INTO "teams" VALUES('ng1m4sn6ph91900xzezd62bz2w','wwnegt3a8wx7nmchf3wmdrp1q8','east','east','east','east');
INSERT INTO "teams" VALUES('r06nvwbtes1a8yc31e6hb49exg','wwnegt3a8wx7nmchf3wmdrp1q8','west','west','west','west');
INSERT INTO "teams" VALUES('zgwqwp7cepgy61qne6v1v736a0','ng1m4sn6ph91900xzezd62bz2w','east-1','east-1','east-1','east-1');
INSERT INTO "teams" VALUES('4wyxbjpkmp3p4atp0fyb80r43r','r06nvwbtes1a8yc31e6hb49exg','west-1','west-1','west-1','west-1');
CREATE TABLE throttles (
  key     TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
  free_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "throttles" VALUES('k',1793620860000);
CREATE TABLE time_factors (
  assignment_id TEXT NOT NULL REFERENCES assignments (id),
  person_id     TEXT NOT NULL REFERENCES people (id),
  factor        REAL NOT NULL CHECK (factor BETWEEN 1 AND 3),
  PRIMARY KEY (assignment_id, person_id)
) STRICT;
INSERT INTO "time_factors" VALUES('mh7ymgr3d63vq37dp5wcxkhjfc','znc2swnhwcgqcq7xr2t0d3a588',1.3333333333333333);
CREATE UNIQUE INDEX people_number ON people (number_canon);
CREATE INDEX people_name ON people (name_canon);
CREATE UNIQUE INDEX teams_code ON teams (code_canon);
CREATE UNIQUE INDEX teams_sibling ON teams (coalesce(parent_id, ''), name_canon);
CREATE INDEX teams_parent ON teams (parent_id);
CREATE UNIQUE INDEX grants_once ON grants (person_id, access, coalesce(team_id, ''));
CREATE INDEX grants_team ON grants (team_id);
CREATE UNIQUE INDEX memberships_current ON memberships (person_id) WHERE until IS NULL;
CREATE UNIQUE INDEX memberships_since ON memberships (person_id, since);
CREATE INDEX memberships_team ON memberships (team_id, person_id);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_person ON sessions (person_id);
CREATE INDEX cycles_start ON cycles (starts_at);
CREATE INDEX assignments_created ON assignments (created_at);
CREATE INDEX assignments_by ON assignments (assigned_by);
CREATE INDEX assignment_teams_team ON assignment_teams (team_id);
CREATE INDEX assignment_people_person ON assignment_people (person_id);
CREATE UNIQUE INDEX sittings_once ON sittings (person_id, assignment_id);
CREATE UNIQUE INDEX sittings_open ON sittings (person_id, assessment) WHERE state = 'open';
CREATE INDEX sittings_due ON sittings (deadline) WHERE state = 'open';
CREATE INDEX sittings_assignment ON sittings (assignment_id);
CREATE INDEX sittings_hash ON sittings (assessment_hash);
CREATE INDEX slots_hash ON slots (item_hash);
CREATE UNIQUE INDEX evidence_id ON evidence (id);
CREATE INDEX snapshots_person ON snapshots (person_id);
CREATE INDEX audit_object ON audit (object_id, action, at);
CREATE INDEX throttles_free ON throttles (free_at);
CREATE INDEX rescorings_item ON rescorings (item_id, made_at);
CREATE UNIQUE INDEX rescorings_one ON rescorings (item_id) WHERE state IN ('planning', 'planned', 'applying', 'undoing');
CREATE INDEX results_rescoring ON results (rescoring_id) WHERE rescoring_id IS NOT NULL;
CREATE INDEX snapshots_rescoring ON snapshots (rescoring_id) WHERE rescoring_id IS NOT NULL;
CREATE INDEX rescoring_lines_person ON rescoring_lines (rescoring_id, person_id, sitting_id);
CREATE INDEX evidence_item ON evidence (sitting_id, item_id);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'frozen: audit'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'frozen: audit'); END;
CREATE TRIGGER snapshots_no_update BEFORE UPDATE ON snapshots BEGIN SELECT RAISE(ABORT, 'frozen: snapshots'); END;
CREATE TRIGGER snapshots_no_delete BEFORE DELETE ON snapshots BEGIN SELECT RAISE(ABORT, 'frozen: snapshots'); END;
CREATE TRIGGER definitions_no_update BEFORE UPDATE ON definitions BEGIN SELECT RAISE(ABORT, 'frozen: definitions'); END;
CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence BEGIN SELECT RAISE(ABORT, 'frozen: evidence'); END;
CREATE TRIGGER evidence_no_update BEFORE UPDATE OF id, person_id, sub, item_id, item_version, item_hash, sitting_id, cycle_id, y, n, source, performance, observed_at, scenario, channel ON evidence
BEGIN SELECT RAISE(ABORT, 'frozen: evidence'); END;
CREATE TRIGGER sittings_final BEFORE UPDATE OF state ON sittings WHEN OLD.state = 'submitted' AND NEW.state <> 'submitted'
BEGIN SELECT RAISE(ABORT, 'frozen: sittings'); END;
CREATE TRIGGER results_no_update BEFORE UPDATE ON results BEGIN SELECT RAISE(ABORT, 'frozen: results'); END;
CREATE TRIGGER results_no_delete BEFORE DELETE ON results BEGIN SELECT RAISE(ABORT, 'frozen: results'); END;
CREATE TRIGGER item_texts_no_update BEFORE UPDATE ON item_texts BEGIN SELECT RAISE(ABORT, 'frozen: item_texts'); END;
CREATE TRIGGER item_texts_no_delete BEFORE DELETE ON item_texts BEGIN SELECT RAISE(ABORT, 'frozen: item_texts'); END;
CREATE TRIGGER sittings_score BEFORE UPDATE OF score ON sittings
WHEN OLD.state = 'submitted' AND NEW.score <> OLD.score
  AND NOT EXISTS (SELECT 1 FROM results r WHERE r.sitting_id = OLD.id AND r.score = NEW.score AND r.revision = (SELECT max(x.revision) FROM results x WHERE x.sitting_id = OLD.id))
BEGIN SELECT RAISE(ABORT, 'frozen: sittings'); END;
CREATE VIEW team_above AS
WITH RECURSIVE up (team_id, above_id) AS (
  SELECT id, id FROM teams
  UNION
  SELECT up.team_id, teams.parent_id FROM up JOIN teams ON teams.id = up.above_id WHERE teams.parent_id IS NOT NULL
)
SELECT team_id, above_id FROM up;
CREATE VIEW assigned AS
SELECT p.assignment_id, p.person_id FROM assignment_people p
UNION
SELECT t.assignment_id, m.person_id
FROM assignment_teams t
JOIN assignments a ON a.id = t.assignment_id
JOIN team_above u ON u.above_id = t.team_id
JOIN memberships m ON m.team_id = u.team_id AND m.since < a.closes AND (m.until IS NULL OR m.until > a.opens)
JOIN people p ON p.id = m.person_id AND (p.active_from IS NULL OR p.active_from < a.closes) AND (p.active_to IS NULL OR p.active_to > a.opens);
COMMIT;
