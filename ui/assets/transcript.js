// Clicks on markers, source cards and questions go to Python as events with plain data.
const pane = () => element.closest('#pane') || element;
let shown = 0;

// A new question is scrolled to the top of the chat, its answer below it.
watch('value', () => requestAnimationFrame(() => {
  const turns = element.querySelectorAll('.turn');
  const last = turns[turns.length - 1];
  if (last && turns.length !== shown) {
    pane().scrollTop += last.getBoundingClientRect().top - pane().getBoundingClientRect().top - 8;
  }
  shown = turns.length;
}));

const submit = (button, question) => trigger('submit', {
  question,
  turn: 'turn' in button.dataset ? Number(button.dataset.turn) : null,
  alone: 'alone' in button.dataset,
});

const open = (target) => {
  element.querySelectorAll('.current').forEach((other) => other.classList.remove('current'));
  target.classList.add('current');
  const { turn, n, near, key } = target.dataset;
  const page = document.querySelector('#reader .reader');
  const isOpen = page && page.dataset.key === key && page.dataset.turn === turn && page.dataset.n === (n || '0');
  document.dispatchEvent(new CustomEvent(isOpen ? 'airace:show' : 'airace:wait'));
  if (!isOpen) trigger('select', { turn: Number(turn), n: Number(n || 0), near: Number(near || 0) });
};

// The question becomes a field; sent, it replaces this answer and those after it.
const edit = (button) => {
  const place = button.parentElement;
  const form = document.createElement('form');
  form.className = 'editing';
  const box = document.createElement('textarea');
  Object.assign(box, { value: button.dataset.question, rows: 2, maxLength: 2000 });
  box.setAttribute('aria-label', 'Question');
  const buttons = [['Ask', 'submit'], ['Cancel', 'button']].map(([text, type]) => {
    const made = document.createElement('button');
    Object.assign(made, { textContent: text, type, className: 'tool' });
    return made;
  });
  form.append(box, ...buttons);
  const done = () => { form.remove(); place.hidden = false; };
  buttons[1].addEventListener('click', done);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    done();
    if (box.value.trim()) submit(button, box.value);
  });
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); form.requestSubmit(); }
    if (event.key === 'Escape') { event.stopPropagation(); done(); button.focus(); }
  });
  place.hidden = true;
  place.after(form);
  box.focus();
  box.select();
};

element.addEventListener('click', (event) => {
  const target = event.target.closest('button');
  if (!target) return;
  if ('edit' in target.dataset) edit(target);
  else if ('question' in target.dataset) submit(target, target.dataset.question);
  else if ('key' in target.dataset) open(target);
});
