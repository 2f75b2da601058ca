/** What the page does in the browser. Whatever comes from the table goes in as text, never as markup. */
export const SCRIPT = `'use strict';
(() => {
  const STORED = 'oplock-stream.lock-key';
  const REFRESH_MS = 5000;
  const MAX_PAGES = 10;
  const byId = (id) => document.getElementById(id);
  const [form, input, forget, status, alertBox, table, body] = ['access', 'key', 'forget', 'status', 'alert', 'locks', 'rows'].map(byId);
  const rows = new Map();
  let key = '';
  let timer;
  let round = 0;

  const say = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  const store = (value) => {
    try {
      if (value) sessionStorage.setItem(STORED, value);
      else sessionStorage.removeItem(STORED);
    } catch { /* the browser keeps nothing: then the key is asked for again */ }
  };
  const stored = () => { try { return sessionStorage.getItem(STORED) || ''; } catch { return ''; } };

  const call = async (method, path) => {
    const response = await fetch(path, { method, headers: { authorization: 'Bearer ' + key }, cache: 'no-store', redirect: 'error' });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.detail || 'The service answered with ' + response.status);
    return answer;
  };

  const seconds = (ms) => (ms <= 0 ? 'over, unless it is renewed' : Math.ceil(ms / 1000) + ' s');

  const cell = (row) => row.appendChild(document.createElement('td'));

  const makeRow = (name) => {
    const row = document.createElement('tr');
    const head = row.appendChild(document.createElement('th'));
    head.scope = 'row';
    head.textContent = name;
    const [owner, remaining, lease, action] = [cell(row), cell(row), cell(row), cell(row)];
    remaining.className = lease.className = 'number';
    const button = action.appendChild(document.createElement('button'));
    button.type = 'button';
    const made = { row, owner, remaining, lease, button, asked: false, until: 0 };
    const ask = (asked) => {
      made.asked = asked;
      say(button, asked ? 'Really break it?' : 'Break');
      button.setAttribute('aria-label', (asked ? 'Really break ' : 'Break ') + name);
    };
    ask(false);
    button.addEventListener('blur', () => ask(false));
    button.addEventListener('click', async () => {
      if (!made.asked) return ask(true);
      ask(false);
      try {
        const broken = await call('POST', 'locks/' + encodeURIComponent(name) + '/break');
        say(alertBox, '');
        say(status, 'Broken: ' + name + '. It is free in ' + seconds(broken.retryAfterMs) + ' at the latest.');
      } catch (error) {
        say(alertBox, 'Not broken: ' + name + '. ' + error.message);
      }
      await refresh(false);
    });
    return made;
  };

  const show = (locks) => {
    const names = new Set(locks.map(({ name }) => name));
    for (const [name, { row }] of rows) if (!names.has(name)) { row.remove(); rows.delete(name); }
    for (const lock of locks) {
      let made = rows.get(lock.name);
      if (!made) {
        made = makeRow(lock.name);
        rows.set(lock.name, made);
        body.append(made.row);
      }
      made.until = performance.now() + lock.remainingMs;
      made.row.classList.toggle('breaking', lock.breaking);
      say(made.owner, lock.owner + (lock.breaking ? ' (broken)' : ''));
      say(made.lease, seconds(lock.leaseMs));
      made.button.disabled = lock.breaking;
    }
    table.hidden = rows.size === 0;
    tick();
  };

  const tick = () => { for (const { remaining, until } of rows.values()) say(remaining, seconds(until - performance.now())); };

  const load = async () => {
    const locks = [];
    let next;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const answer = await call('GET', 'locks?limit=100' + (next === undefined ? '' : '&after=' + encodeURIComponent(next)));
      locks.push(...answer.locks);
      next = answer.next;
      if (next === undefined) break;
    }
    return { locks, more: next !== undefined };
  };

  const refresh = async (tell) => {
    clearTimeout(timer);
    const mine = round += 1;
    if (!key) return;
    try {
      const { locks, more } = await load();
      if (mine !== round) return;
      show(locks);
      if (tell) {
        say(alertBox, '');
        say(status, locks.length === 0 ? 'No lock is held.' : 'Locks held: ' + locks.length + (more ? ', and more that are not shown' : ''));
      }
    } catch (error) {
      if (mine !== round) return;
      say(alertBox, error.message);
      if (tell) { show([]); say(status, ''); return; }
    }
    timer = setTimeout(() => refresh(false), REFRESH_MS);
  };

  const use = (value) => {
    key = value;
    store(value);
    forget.hidden = value === '';
    if (value) return refresh(true);
    round += 1;
    clearTimeout(timer);
    show([]);
    say(status, '');
    say(alertBox, '');
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const value = input.value.trim();
    input.value = '';
    if (value) use(value);
  });
  forget.addEventListener('click', () => { use(''); input.focus(); });
  setInterval(tick, 1000);
  const known = stored();
  if (known) use(known);
})();
`;
