// `/` goes to the question, Esc closes what is open, the arrows move between the citations of an answer.
window.airaceKeys?.abort();
window.airaceKeys = new AbortController();
const isTyping = (node) => node.matches('input, textarea, select, [contenteditable="true"]');

const step = (by) => {
  const focused = document.activeElement.closest('#chat .cite');
  const current = focused || (document.activeElement.closest('#reader') && element.querySelector('.current'));
  if (!current) return false;
  const markers = [...current.closest('.turn').querySelectorAll('.cite[data-n]')];
  const next = markers[markers.findIndex((marker) => marker.dataset.n === current.dataset.n) + by];
  if (!next) return true;
  if (focused) next.focus();
  if (document.getElementById('desk').classList.contains('reading')) next.click();
  return true;
};

const onKey = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape') {
    const menu = document.querySelector('details.menu[open]');
    if (menu) { menu.open = false; menu.querySelector('summary').focus(); }
    else document.dispatchEvent(new CustomEvent('airace:close'));
  } else if (isTyping(event.target)) {
    return;
  } else if (event.key === '/') {
    const box = document.querySelector('#question textarea');
    if (box && box.offsetParent) { event.preventDefault(); box.focus(); }
  } else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
    if (step(event.key === 'ArrowRight' ? 1 : -1)) event.preventDefault();
  }
};
document.addEventListener('keydown', onKey, { signal: window.airaceKeys.signal });

// A menu closes when something else is clicked.
document.addEventListener('click', (event) => {
  document.querySelectorAll('details.menu[open]').forEach((menu) => {
    if (!event.composedPath().includes(menu)) menu.open = false;
  });
}, { signal: window.airaceKeys.signal });
