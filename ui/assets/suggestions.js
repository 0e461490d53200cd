// A suggested question is asked when it is clicked.
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-question]');
  if (button) trigger('submit', { question: button.dataset.question });
});
