// What makes pages pleasant; none of them needs it. Everything is delegated, so that it holds after enhanced navigation, too.

// Live parts speak over WebSockets at once: a connection that is not negotiated needs no sticky routing.
Blazor.start({ circuit: { configureSignalR: builder => builder.withUrl('/_blazor', { skipNegotiation: true, transport: 1 }) } });

// Read once: navigation within the page brings other nonces, which do not count.
const nonce = document.querySelector('script[nonce]')?.nonce ?? '';

const on = (type, selector, handle) => document.addEventListener(type, event => {
  const target = event.target.closest?.(selector);
  if (target) handle(target, event);
});

// Copy
on('click', '[data-copy]', async button => {
  await navigator.clipboard.writeText(button.dataset.copy);
  say('Copied.');
});

// A password that can be looked at, and how hard a new one is to guess
on('click', '[data-show]', button => {
  const input = button.parentElement.querySelector('input');
  const shown = input.type === 'password';
  input.type = shown ? 'text' : 'password';
  button.setAttribute('aria-pressed', String(shown));
});
on('input', '[data-password] input', input => {
  const strength = input.closest('[data-password]').querySelector('.strength');
  if (strength) strength.dataset.score = String(score(input.value));
});
function score(password) {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter(kind => kind.test(password)).length;
  const distinct = new Set(password).size;
  if (password.length < 10) return password ? 1 : 0;
  return distinct < 5 ? 1 : Math.min(4, 1 + (password.length >= 13) + (password.length >= 16) + (kinds >= 3));
}

// A one-time code: six boxes over the one field that is sent
function spread(field) {
  const input = field.querySelector('input');
  const boxes = document.createElement('div');
  boxes.className = 'otp';
  boxes.setAttribute('role', 'group');
  boxes.setAttribute('aria-label', 'Six-digit code');
  const cells = Array.from({ length: 6 }, (_, index) => {
    const cell = document.createElement('input');
    Object.assign(cell, { className: 'input', inputMode: 'numeric', autocomplete: index ? 'off' : 'one-time-code', ariaLabel: `Digit ${index + 1}` });
    cell.setAttribute('aria-invalid', input.getAttribute('aria-invalid') ?? 'false');
    boxes.append(cell);
    return cell;
  });
  const fill = (start, digits) => {
    [...digits].slice(0, 6 - start).forEach((digit, offset) => { cells[start + offset].value = digit; });
    input.value = cells.map(cell => cell.value).join('');
    cells[Math.min(start + digits.length, 5)].focus();
    if (input.value.length === 6) input.form.requestSubmit();
  };
  cells.forEach((cell, index) => {
    cell.addEventListener('focus', () => cell.select());
    cell.addEventListener('input', () => {
      const digits = cell.value.replace(/\D/g, '');
      cell.value = '';
      if (digits) fill(index, digits);
      else input.value = cells.map(one => one.value).join('');
    });
    cell.addEventListener('paste', event => {
      event.preventDefault();
      fill(index, event.clipboardData.getData('text').replace(/\D/g, ''));
    });
    cell.addEventListener('keydown', event => {
      if (event.key === 'Backspace' && !cell.value && index) { cells[index - 1].value = ''; cells[index - 1].focus(); event.preventDefault(); }
      if (event.key === 'ArrowLeft' && index) cells[index - 1].focus();
      if (event.key === 'ArrowRight' && index < 5) cells[index + 1].focus();
      if (event.key === 'Enter') input.form.requestSubmit();
    });
  });
  [...input.value].slice(0, 6).forEach((digit, index) => { cells[index].value = digit; });
  input.type = 'hidden';
  input.before(boxes);
  field.dataset.otp = 'spread';
  cells[0].focus();
}

// Times in the reader's own zone, in the same shape as the server writes them in UTC: nothing moves
const two = number => String(number).padStart(2, '0');
function localize(time) {
  const moment = new Date(time.dateTime);
  if (time.dataset.time === 'full') {
    time.textContent = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())} ${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
  }
}

// A wait that is shown: the button comes back when it is over
function countDown(button) {
  const until = Date.now() + Number(button.dataset.wait) * 1000;
  const text = button.textContent;
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? `${text} (${left})` : text;
    if (left > 0 && button.isConnected) setTimeout(tick, 250);
  };
  button.removeAttribute('data-wait');
  tick();
}

// Light and dark: at once, and kept for the first byte of the next page; the form does the same without script
document.addEventListener('submit', event => {
  const form = event.target.closest?.('[data-theme-switch]');
  if (!form) return;
  event.preventDefault();
  const root = document.documentElement;
  const isDark = root.dataset.theme === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : root.dataset.theme === 'dark';
  root.dataset.theme = isDark ? 'light' : 'dark';
  document.cookie = `mcpshield_theme=${root.dataset.theme}; path=/; max-age=34560000; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
});

// A lost connection of a live part: the framework says by class what it is like; a dialog must be opened to be seen
const reconnect = document.getElementById('components-reconnect-modal');
reconnect?.addEventListener('components-reconnect-state-changed', event => {
  if (event.detail.state === 'hide') reconnect.close();
  else if (!reconnect.open) reconnect.showModal();
  if (event.detail.state === 'rejected') location.reload();
});

// A form that filters sends itself
on('change', 'form[data-auto] :is(select, input)', field => field.form.requestSubmit());

function say(text) {
  document.querySelectorAll('.toasts[data-script]').forEach(old => old.remove());
  const toasts = document.createElement('div');
  toasts.className = 'toasts';
  toasts.dataset.script = '';
  toasts.innerHTML = '<div class="toast" role="status"></div>';
  toasts.firstChild.textContent = text;
  document.body.append(toasts);
  setTimeout(() => toasts.remove(), 4000);
}

// Ctrl K: where to go
document.addEventListener('keydown', event => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    const dialog = document.getElementById('palette');
    if (!dialog) return;
    event.preventDefault();
    dialog.open ? dialog.close() : dialog.showModal();
    const input = dialog.querySelector('input');
    input.value = '';
    narrow(input);
    input.focus();
  }
});
on('click', '#palette', (dialog, event) => { if (event.target === dialog) dialog.close(); });
on('input', '#palette input', narrow);
on('keydown', '#palette input', (input, event) => {
  const links = [...document.querySelectorAll('#palette li:not([hidden]) a')];
  const current = links.findIndex(link => link.hasAttribute('data-current'));
  if (event.key === 'Enter' && links.length) { event.preventDefault(); links[Math.max(current, 0)].click(); document.getElementById('palette').close(); }
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    mark(links, (current + (event.key === 'ArrowDown' ? 1 : -1) + links.length) % links.length);
  }
});
function narrow(input) {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  document.querySelectorAll('#palette li').forEach(item => { item.hidden = !words.every(word => item.textContent.toLowerCase().includes(word)); });
  mark([...document.querySelectorAll('#palette li:not([hidden]) a')], 0);
}
function mark(links, index) {
  document.querySelectorAll('#palette a[data-current]').forEach(link => link.removeAttribute('data-current'));
  links[index]?.setAttribute('data-current', '');
  links[index]?.scrollIntoView({ block: 'nearest' });
}

// A token behind the `#` of a link: into the form, and out of the address
function take(input) {
  input.removeAttribute('data-from-hash');
  if (location.hash.length < 2) return;
  input.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, '', location.pathname + location.search);
}

// The editor is a large file: only a page that holds one loads it
let editor;
function edit(area) {
  editor ??= import(new URL(area.dataset.editor, document.baseURI)).then(module => module.begin(nonce), () => {});
}

function enliven(root) {
  root.querySelectorAll('[data-editor]').forEach(edit);
  root.querySelectorAll('[data-from-hash]').forEach(take);
  root.querySelectorAll('time[data-time]').forEach(localize);
  root.querySelectorAll('[data-otp=""]').forEach(spread);
  root.querySelectorAll('[data-wait]').forEach(countDown);
  root.querySelectorAll('[data-toast]').forEach(toast => setTimeout(() => toast.remove(), 6000));
}

enliven(document);
new MutationObserver(changes => {
  for (const change of changes) {
    for (const node of change.addedNodes) if (node.nodeType === Node.ELEMENT_NODE) { if (node.matches('time[data-time]')) localize(node); enliven(node); }
    if (change.type === 'attributes' && change.target.matches('time[data-time]')) localize(change.target);
  }
}).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['datetime'] });
Blazor.addEventListener('enhancedload', () => enliven(document));
