// A document opened from the table lies over it until closed.
const close = () => {
  if (!element.classList.contains('open')) return;
  element.classList.remove('open');
  document.querySelector('#shelf .open.current')?.focus();
};
watch('value', () => requestAnimationFrame(() => {
  if (!element.querySelector('.reader:not(.empty)')) return;
  element.classList.add('open');
  element.querySelector('.close').focus();
}));
document.addEventListener('airace:open', () => {
  if (element.querySelector('.reader:not(.empty)')) element.classList.add('open');
});
element.addEventListener('click', (event) => { if (event.target.closest('.close')) close(); });
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });
