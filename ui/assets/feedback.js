// A click on the button of an entry goes to Python with the entry's id; the form then comes into view.
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-feedback]');
  if (!button) return;
  trigger('select', { id: button.dataset.feedback });
  const form = document.getElementById('case-form');
  if (form && form.getBoundingClientRect().top > window.innerHeight - 200) form.scrollIntoView({ block: 'start' });
});
