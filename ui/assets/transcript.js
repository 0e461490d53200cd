// A new question is scrolled to the top of the chat, its answer below it.
let shown = 0;
watch('value', () => requestAnimationFrame(() => {
  const questions = element.querySelectorAll('.question');
  const pane = element.closest('#chat') || element;
  const last = questions[questions.length - 1];
  if (last && questions.length !== shown) {
    pane.scrollTop += last.getBoundingClientRect().top - pane.getBoundingClientRect().top - 8;
  }
  shown = questions.length;
}));

// Clicks on markers, source cards and example questions go to Python as events with plain data.
element.addEventListener('click', (event) => {
  const target = event.target.closest('[data-n], [data-near], [data-question]');
  if (!target) return;
  if (target.dataset.question) {
    trigger('submit', { question: target.dataset.question });
    return;
  }
  element.querySelectorAll('.current').forEach((other) => other.classList.remove('current'));
  target.classList.add('current');
  trigger('select', {
    turn: Number(target.dataset.turn),
    n: Number(target.dataset.n || 0),
    near: Number(target.dataset.near || 0),
  });
});
