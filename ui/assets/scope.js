// "clear" beside the filters: everything is searched again.
element.addEventListener('click', (event) => {
  if (event.target.closest('[data-clear]')) trigger('clear');
});
