// A newly opened document is scrolled to the quoted words; on a small screen it lies over the chat until closed.
const desk = document.getElementById('desk');
const isDrawer = () => window.matchMedia('(max-width: 900px)').matches;

const show = () => {
  const page = element.querySelector('.reader:not(.empty)');
  element.classList.remove('waiting');
  if (!page) return;
  desk.classList.add('reading');
  const mark = page.querySelector('mark.quoted, .passage');
  const text = page.querySelector('.body');
  if (mark) {
    const middle = (text.clientHeight - Math.min(mark.offsetHeight, text.clientHeight)) / 2;
    text.scrollTop += mark.getBoundingClientRect().top - text.getBoundingClientRect().top - middle;
  }
  if (isDrawer()) page.querySelector('.close').focus();
};

const close = () => {
  if (!desk.classList.contains('reading')) return;
  desk.classList.remove('reading');
  const from = document.querySelector('#chat .current');
  if (from) from.focus();
};

watch('value', () => {
  if (element.querySelector('.reader.empty')) desk.classList.remove('reading');
  requestAnimationFrame(show);
});
window.airaceReader?.abort();
window.airaceReader = new AbortController();
const { signal } = window.airaceReader;
document.addEventListener('airace:show', show, { signal });
document.addEventListener('airace:close', close, { signal });
document.addEventListener('airace:wait', () => element.classList.add('waiting'), { signal });

element.addEventListener('click', (event) => {
  if (event.target.closest('.close')) return close();
  const page = element.querySelector('.reader');
  const cited = event.target.closest('mark.cited');
  const step = event.target.closest('[data-step]');
  if (!cited && !step) return;
  const n = cited ? cited.dataset.n : Number(page.dataset.n) + Number(step.dataset.step);
  document.querySelector(`#chat .cite[data-turn="${page.dataset.turn}"][data-n="${n}"]`)?.click();
});
