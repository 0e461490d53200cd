// A document opened from the table lies over it until closed.
const drawer = document.getElementById('library-reader');
const close = () => {
  if (!drawer.classList.contains('open')) return;
  drawer.classList.remove('open');
  document.querySelector('#shelf .open.current')?.focus();
};
watch('value', () => requestAnimationFrame(() => {
  if (!element.querySelector('.reader:not(.empty)')) return;
  drawer.classList.add('open');
  element.querySelector('.close').focus();
}));
document.addEventListener('airace:open', () => {
  if (element.querySelector('.reader:not(.empty)')) drawer.classList.add('open');
});
element.addEventListener('click', (event) => { if (event.target.closest('.close')) close(); });
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });
