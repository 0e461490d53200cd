// A newly opened document is scrolled to the quoted words; on a small screen it lies over the chat until closed.
const show = () => {
  const mark = element.querySelector('mark.quoted, .passage');
  const body = element.querySelector('.body');
  if (!mark || !body) return;
  const drawer = element.closest('#reader');
  if (drawer) drawer.classList.add('open');
  const middle = (body.clientHeight - Math.min(mark.offsetHeight, body.clientHeight)) / 2;
  body.scrollTop = mark.getBoundingClientRect().top - body.getBoundingClientRect().top + body.scrollTop - middle;
};
watch('value', () => requestAnimationFrame(show));
element.addEventListener('click', (event) => {
  if (event.target.closest('.close')) element.closest('#reader').classList.remove('open');
});
