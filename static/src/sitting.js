// The sitting page: saves every change, keeps what it cannot send, and shows the server's clock.
// The form works without it; with it nothing typed is lost to a bad network, a reload or a closed lid.

import { Clock, display, passed } from './_clock.js';
import { read, write } from './_fields.js';
import { judge, Queue } from './_queue.js';
import { openStore } from './_store.js';
import { fill } from './_text.js';

const GRACE = 5000; // ms after the deadline in which the server still takes answers
const PATIENCE = 20_000; // ms before a silent request counts as lost
const FORGET = 14 * 24 * 3600 * 1000; // ms after which answers nobody came back for leave this machine

const form = document.getElementById('answer');
const saved = document.getElementById('saved');
const banner = document.getElementById('banner');
const timer = document.getElementById('timer');
const voice = document.getElementById('timer-voice');
const texts = JSON.parse(document.getElementById('sitting-texts').textContent);

const { person, sitting, item } = form.dataset;
const action = form.getAttribute('action');
const result = `/sittings/${encodeURIComponent(sitting)}/result`;
const revision = form.elements.namedItem('_rev');
const clock = new Clock();

let queue;
let content; // of the form, as last put into the queue or shown by the server
let held = []; // controls that were switched off
let stopped = ''; // why nothing may be changed: '', 'over' or 'moved'
const elsewhere = document.querySelector('form[action$="/take"]'); // the sitting is live on another device, and the page asks whether to take it over
let reachable = true; // did the server answer last time?
let sending = false; // a button was pressed and waits for the queue
let advancing = false; // a kind that goes step by step waits for what it asked to be saved, see _reveal.js

await start();

async function start() {
  form.inert = true; // nobody types into fields that are about to be restored
  const store = await openStore();
  queue = new Queue({ scope: { person, sitting }, store, send, tell: hear });
  store.prune(Date.now() - FORGET).catch(() => {});
  const kept = await queue.load(item, Number(revision.value), { body: read(form), age: Number(form.dataset.age) }).catch(() => undefined);
  if (kept) {
    write(form.elements, kept.body);
    form.dispatchEvent(new Event('leida:restored', { bubbles: true }));
    revision.value = kept.rev;
  }
  content = read(form);
  form.append(hidden('_exact', '1')); // what is posted has the revision that it says, so that a copy of it that comes late is known for one
  form.inert = false;

  form.addEventListener('input', changed);
  form.addEventListener('change', changed);
  form.addEventListener('submit', submitted);
  form.addEventListener('leida:advance', advance);
  form.addEventListener('leida:shown', () => {
    if (stopped) hold();
    content = read(form);
  });
  addEventListener('online', () => retry());
  addEventListener('offline', () => { if (!stopped) say('warn', texts.offline); });
  addEventListener('focus', () => retry());
  addEventListener('pagehide', leave);
  addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
  addEventListener('beforeunload', (event) => { if (queue.atRisk) event.preventDefault(); });
  document.addEventListener('visibilitychange', () => (document.hidden ? leave() : retry()));
  if (elsewhere) wait();
  else announce();
  startTimer();
  startItemClock();
  if (queue.size > 0 && !stopped) queue.flush();
}

/** Until the person takes the sitting over nothing here is changed or sent; what is unsent stays in the store, for the page that follows. */
function wait() {
  stopped = 'moved';
  for (const control of form.elements) control.disabled = true;
  queue.halt();
}

// ---- saving ---------------------------------------------------------------------------------------------------------

function changed() {
  if (stopped) return;
  const body = read(form);
  if (body === content) return;
  content = body;
  revision.value = queue.put(item, action, body);
  mark('saving', texts.saving);
}

/** A kind's next step depends on what has been answered: that is saved at once, and `leida:advanced` tells when the server has it. */
function advance() {
  changed();
  advancing = true;
  if (queue.has(item)) queue.flush();
  else advanced();
}

function advanced() {
  if (!advancing || queue.has(item)) return;
  advancing = false;
  form.dispatchEvent(new Event('leida:advanced'));
}

function retry() {
  if (queue.pending) queue.flush();
  else if (reachable && queue.size === 0) hush();
}

function leave() {
  changed();
  if (queue.pending) queue.leave();
}

async function send(record, { keepalive }) {
  const sent = performance.now();
  let response;
  let reply = null;
  try {
    response = await fetch(record.action, {
      method: 'POST',
      headers: { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded;charset=UTF-8' },
      body: `_rev=${record.rev}${record.body && '&'}${record.body}`,
      redirect: 'error',
      keepalive,
      signal: AbortSignal.timeout(PATIENCE),
    });
    reply = await response.json().catch(() => null);
  } catch {
    return { kind: 'later', seconds: null, offline: true, message: '' };
  }
  if (reply?.now) clock.sync(reply.now, reply.deadline, sent, performance.now());
  return judge(response.status, reply, response.headers.get('Retry-After'));
}

/** Shows what became of a try. */
function hear(outcome, record) {
  if (outcome.kind === 'saving') {
    if (reachable) mark('saving', texts.saving);
    return;
  }
  reachable = !outcome.offline;
  switch (outcome.kind) {
    case 'saved':
      answered(record.item, outcome.reply);
      advanced();
      if (queue.size > 0) return;
      hush();
      mark('saved', fill(texts.saved, { time: time(outcome.reply.saved_at) }));
      if (outcome.reply.state === 'submitted') finish();
      return;
    case 'later':
      mark('waiting', texts.waiting);
      if (outcome.offline) say('warn', texts.offline);
      return;
    case 'signin':
      mark('waiting', texts.waiting);
      say('warn', outcome.message, `/login?next=${encodeURIComponent(location.pathname)}`, texts.signin);
      return;
    case 'refused':
      mark('error', texts.unsaved);
      say('bad', [outcome.message, ...outcome.problems.map((problem) => problem.message)].filter(Boolean).join(' '));
      advancing = false;
      form.dispatchEvent(new Event('leida:refused'));
      return;
    case 'moved':
      stop('moved', outcome.message || texts.moved);
      return;
    case 'over':
      finish();
  }
}

/** A button of the form: what is unsaved goes first, then the form is posted as without a script. */
async function submitted(event) {
  if (stopped || sending) return event.preventDefault();
  changed();
  const button = event.submitter;
  const whole = button?.name === '_go' && button.value === 'submit';
  if (!queue.pending && navigator.onLine) {
    revision.value = queue.stamp(item);
    return;
  }
  event.preventDefault();
  sending = true;
  // "offline" may be a machine that only has itself, so the server is asked and not the browser
  const outcome = queue.pending ? await queue.flush() : await queue.touch(item, action, content);
  sending = false;
  if (stopped) return;
  const safe = !outcome.offline && outcome.kind !== 'signin' && (whole ? !queue.pending : !queue.has(item) || outcome.kind === 'refused');
  if (safe) post(button);
  else say('warn', texts.unsaved, ...(outcome.kind === 'signin' ? [`/login?next=${encodeURIComponent(location.pathname)}`, texts.signin] : []));
}

/** Posts the form as if the button had just been pressed; the questions before it have been asked. */
function post(button) {
  const pressed = hidden(button?.name ?? '', button?.value ?? '');
  revision.value = queue.stamp(item);
  form.append(pressed);
  form.submit();
  pressed.remove();
}

function hidden(name, value) {
  const field = document.createElement('input');
  field.type = 'hidden';
  field.name = name;
  field.value = value;
  return field;
}

// ---- the end --------------------------------------------------------------------------------------------------------

/** A second page of the same sitting in this browser takes over, as a second device does. */
function announce() {
  if (!('BroadcastChannel' in globalThis)) return;
  const channel = new BroadcastChannel(`leida:${person}:${sitting}`);
  channel.onmessage = async () => {
    if (stopped) return;
    changed();
    stop('moved', texts.moved);
    await queue.flush();
    queue.halt();
  };
  channel.postMessage('here');
}

function startTimer() {
  if (!timer?.dataset.deadline) return;
  // the server wrote its time when it began to answer, which the browser noted on the same counter
  const answeredAt = performance.getEntriesByType('navigation')[0]?.responseStart ?? 0;
  clock.sync(timer.dataset.now, timer.dataset.deadline, answeredAt, answeredAt);
  let before = Infinity;
  let asked = -GRACE; // next time to ask, in ms left
  let drift = Date.now() - performance.now();
  const tick = () => {
    const left = clock.left(performance.now());
    const shown = display(left);
    if (left !== Infinity && timer.textContent !== shown) timer.textContent = shown;
    timer.dataset.low = left <= 60_000 ? '1' : left <= 300_000 ? '5' : '';
    const mark = before === Infinity ? null : passed(before, left);
    if (mark) voice.textContent = mark >= 60 ? fill(texts.minutes, { n: mark / 60 }) : fill(texts.seconds, { n: mark });
    before = left;

    if (left <= 0 && !stopped) {
      changed();
      stop('over', texts.over);
      queue.flush();
    }
    if (stopped === 'over' && left > 0) resume(); // the server gave more time
    if (stopped === 'over' && left < asked) {
      asked = left - GRACE;
      queue.touch(item, action, content); // it answers that the sitting is over, and only then the page goes
    }

    // the counter sleeps when the machine sleeps: ask the server how late it is
    const now = Date.now() - performance.now();
    if (Math.abs(now - drift) > 2000 && !stopped) queue.touch(item, action, content);
    drift = now;
  };
  tick();
  setInterval(tick, 500);
}

/** The clock of an item that has one of its own: it shows what the answer is still worth, and closes the form when it stops. */
function startItemClock() {
  const box = document.getElementById('item-clock');
  if (!box) return;
  const [shown, , voiced] = box.children;
  const [full, end] = [new Clock(), new Clock()];
  const answeredAt = performance.getEntriesByType('navigation')[0]?.responseStart ?? 0;
  full.sync(box.dataset.now, box.dataset.full, answeredAt, answeredAt);
  end.sync(box.dataset.now, box.dataset.stop, answeredAt, answeredAt);
  let before = Infinity;
  const tick = () => {
    const [worth, left] = [full, end].map((each) => each.left(performance.now()));
    box.dataset.state = left <= 0 ? 'stopped' : worth <= 0 ? 'falling' : 'full';
    const words = left <= 0 ? texts.stopped : worth <= 0 ? fill(texts.falling, { time: display(left) }) : fill(texts.full, { time: display(worth) });
    if (shown.textContent !== words) shown.textContent = words;
    const next = worth > 0 ? worth : left;
    const mark = before === Infinity ? null : passed(before, next);
    if (mark || box.dataset.state !== box.dataset.said) {
      if (before !== Infinity) voiced.textContent = words;
      box.dataset.said = box.dataset.state;
    }
    before = next;
    if (left > 0) return;
    clearInterval(every);
    changed();
    queue.flush().finally(() => {
      for (const control of form.querySelectorAll('input:not([type=hidden]), select, textarea, button:not([name=_go])')) control.disabled = true;
      content = read(form);
    });
  };
  const every = setInterval(tick, 500);
  tick();
}

function stop(why, message) {
  stopped = why;
  held = [];
  hold();
  if (why === 'moved') mark('error', texts.unsaved);
  say(why === 'moved' ? 'bad' : 'warn', message);
}

function hold() {
  const open = [...form.elements].filter((control) => 'disabled' in control && !control.disabled);
  for (const control of open) control.disabled = true;
  held.push(...open);
}

function resume() {
  stopped = '';
  for (const control of held) control.disabled = false;
  hush();
}

function finish() {
  if (!stopped) stop('over', texts.over);
  location.replace(result);
}

// ---- what is seen ---------------------------------------------------------------------------------------------------

/** Only trouble and its end are spoken; a saved mark after every change would drown the question. */
function mark(state, text) {
  const trouble = (s) => s === 'waiting' || s === 'error';
  saved.setAttribute('aria-live', trouble(state) !== trouble(saved.dataset.state) ? 'polite' : 'off');
  saved.dataset.state = state;
  saved.textContent = text;
}

/** Shows in the map of places how far one is. */
function answered(which, { answered: yes, done = yes ? 1 : 0, of = 1 }) {
  const button = document.querySelector(`.qnav button[name=_go][value="${CSS.escape(which)}"]`);
  const begun = done > 0 && done < of;
  button?.classList.toggle('done', Boolean(yes) && done === of);
  const parts = button?.querySelector('small');
  if (parts) {
    parts.hidden = !begun;
    parts.querySelector('.parts').textContent = begun ? `${done}/${of}` : '';
  }
  const progress = document.querySelector('.top progress');
  if (button && progress) progress.value = document.querySelectorAll('.qnav .done').length;
}

function say(kind, text, href, label) {
  banner.className = `banner ${kind}`;
  banner.hidden = false;
  const words = document.createElement('span');
  words.textContent = text;
  banner.replaceChildren(words);
  if (!href) return;
  const link = document.createElement('a');
  link.href = href;
  link.textContent = label || href;
  banner.append(link);
}

function hush() {
  if (!stopped) banner.hidden = true;
}

function time(text) {
  const zone = form.dataset.zone ? { timeZone: form.dataset.zone } : {};
  return new Date(text).toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', ...zone });
}
