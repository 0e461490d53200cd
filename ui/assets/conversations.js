// Conversations stay in this browser. Python gets one back as data, checks it and renders it anew.
let owner = '';
const prefix = () => `airace:${owner}:conversation:`;
const currentKey = () => `airace:${owner}:current`;
const current = () => sessionStorage.getItem(currentKey());
const list = element.querySelector('.kept');

const read = (key) => {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
};
const all = () => Object.keys(localStorage)
  .filter((key) => key.startsWith(prefix()))
  .map((key) => ({ key, ...read(key) }))
  .filter((kept) => Array.isArray(kept.turns) && kept.turns.length)
  .sort((one, other) => other.updated - one.updated);

const write = (key, kept) => {
  for (;;) {
    try {
      localStorage.setItem(key, JSON.stringify(kept));
      return;
    } catch { // full: the oldest conversation makes room
      const oldest = all().filter((other) => other.key !== key).pop();
      if (!oldest) return;
      localStorage.removeItem(oldest.key);
    }
  }
};

const keep = (turns) => {
  if (!turns.length) return sessionStorage.removeItem(currentKey());
  const goesOn = current() && read(current())?.turns[0]?.question === turns[0].question;
  const key = goesOn ? current() : prefix() + crypto.getRandomValues(new Uint32Array(2)).join('');
  const before = read(key);
  sessionStorage.setItem(currentKey(), key);
  write(key, { title: before?.title || turns[0].question.slice(0, 120), updated: Date.now(), turns });
};

const open = (key) => {
  const kept = read(key);
  if (!kept) return;
  sessionStorage.setItem(currentKey(), key);
  trigger('select', { turns: kept.turns });
};

const button = (text, label, action) => {
  const made = document.createElement('button');
  Object.assign(made, { type: 'button', className: 'tool', textContent: text, onclick: action });
  made.setAttribute('aria-label', label);
  return made;
};

const rename = (item, kept) => {
  const box = document.createElement('input');
  Object.assign(box, { value: kept.title, maxLength: 120 });
  box.setAttribute('aria-label', 'New name');
  box.onkeydown = (event) => {
    if (event.key === 'Escape') event.stopPropagation();
    if (event.key === 'Enter' && box.value.trim()) write(kept.key, { ...read(kept.key), title: box.value.trim() });
    if (event.key === 'Enter' || event.key === 'Escape') { box.remove(); show(); }
  };
  item.replaceChildren(box);
  box.focus();
};

const remove = (event, kept) => {
  if (event.target.textContent === 'Delete') { event.target.textContent = 'Really?'; return; }
  localStorage.removeItem(kept.key);
  if (kept.key === current()) document.querySelector('#clear').click();
  show();
};

const show = () => {
  if (list.querySelector('input')) return; // a name is being typed
  const items = all().map((kept) => {
    const item = document.createElement('li');
    const title = button(kept.title, `Open: ${kept.title}`, () => { open(kept.key); element.querySelector('details').open = false; });
    title.className = kept.key === current() ? 'tool title current' : 'tool title';
    const named = `“${kept.title}”`;
    item.append(
      title,
      button('Rename', `Rename ${named}`, () => rename(item, kept)),
      button('Delete', `Delete ${named}`, (event) => remove(event, kept)),
    );
    return item;
  });
  list.replaceChildren(...items);
  element.querySelector('.none').hidden = items.length > 0;
};

const download = (text, type, name) => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};

const actions = {
  export: () => {
    const conversations = all().map(({ title, updated, turns }) => ({ title, updated, turns }));
    download(JSON.stringify({ format: 'airace conversations', conversations }), 'application/json', 'conversations.json');
  },
  save: () => {
    const answers = [...document.querySelectorAll('#chat [data-save]')].map((answer) => answer.dataset.save);
    if (answers.length) download(answers.join('\n'), 'text/markdown', 'conversation.md');
  },
};

const load = async (file) => {
  let found;
  try { found = JSON.parse(await file.text()).conversations; } catch { found = null; }
  const sound = Array.isArray(found) ? found.filter((kept) => Array.isArray(kept?.turns) && kept.turns.length) : [];
  sound.forEach(({ title, updated, turns }, i) => write(`${prefix()}${Date.now()}-${i}`, {
    title: String(title || 'Imported'), updated: Number(updated) || Date.now(), turns,
  }));
  show();
  if (!sound.length) {
    element.querySelector('.none').hidden = false;
    element.querySelector('.none').textContent = 'There is no conversation in this file.';
  }
};

element.addEventListener('click', (event) => actions[event.target.closest('[data-do]')?.dataset.do]?.());
element.querySelector('input[type=file]').addEventListener('change', (event) => {
  if (event.target.files[0]) load(event.target.files[0]);
  event.target.value = '';
});
element.querySelector('details').addEventListener('toggle', show);

// When the page is opened: the question of a link, or else the conversation that was on the screen.
const begin = () => {
  const address = new URL(location.href);
  const asked = address.searchParams.get('q');
  if (asked) {
    address.searchParams.delete('q');
    history.replaceState(null, '', address);
    sessionStorage.removeItem(currentKey());
    trigger('submit', { question: asked });
  } else if (current() && !document.querySelector('#chat .turn')) {
    open(current());
  }
};

watch('value', () => {
  if (!props.value) return;
  owner = props.value.owner;
  if (props.value.turns === null) begin();
  else keep(props.value.turns);
  show();
});
