// What can be done with an answer without the server: copy, save, print, link; and thumbs, which go to Python.
const flash = (button, text) => {
  const before = button.textContent;
  button.textContent = text;
  setTimeout(() => { button.textContent = before; }, 1500);
};

const copy = async (text) => {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const box = document.createElement('textarea'); // where the clipboard is closed to pages without TLS
  box.value = text;
  document.body.append(box);
  box.select();
  document.execCommand('copy');
  box.remove();
};

const save = (text, name) => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/markdown' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};

const rate = (turn, verdict, reason, note) => {
  trigger('feedback', { turn: Number(turn), verdict, reason, note });
  const section = element.querySelector(`.turn[data-turn="${turn}"]`);
  section.querySelectorAll('.thumb').forEach((thumb) => {
    thumb.setAttribute('aria-pressed', String(thumb.dataset.thumb === verdict));
  });
  section.querySelector('.reasons').hidden = true;
  section.querySelector('.thanks').textContent = 'Thank you.';
};

const thumb = ({ thumb: verdict, turn }) => {
  const form = element.querySelector(`.reasons[data-turn="${turn}"]`);
  if (verdict === 'up') return rate(turn, 'up', '', '');
  form.hidden = !form.hidden;
  if (form.hidden) return;
  form.querySelector('input').focus();
  form.scrollIntoView({ block: 'nearest' });
};

element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  const { dataset } = button;
  if ('copy' in dataset) copy(dataset.copy).then(() => flash(button, 'Copied'));
  else if ('save' in dataset) save(dataset.save, 'answer.md');
  else if ('print' in dataset) window.print();
  else if ('thumb' in dataset) thumb(dataset);
  else if ('link' in dataset) {
    const address = `${location.origin}${location.pathname}?q=${encodeURIComponent(dataset.link)}`;
    copy(address).then(() => flash(button, 'Link copied'));
  }
});

element.addEventListener('submit', (event) => {
  const form = event.target.closest('.reasons');
  if (!form) return;
  event.preventDefault();
  const given = new FormData(form);
  rate(form.dataset.turn, 'down', given.get(`reason-${form.dataset.turn}`) || '', given.get('note') || '');
});
