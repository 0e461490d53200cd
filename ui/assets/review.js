// While a passage is shown, 1, 2 and 3 give the verdict and s skips; not while somebody types.
window.airaceReviewKeys?.abort();
window.airaceReviewKeys = new AbortController();
const buttons = { 1: 'review-right', 2: 'review-passage', 3: 'review-claim', s: 'review-skip' };
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.matches('input, textarea, select, [contenteditable="true"]')) return;
  const button = document.getElementById(buttons[event.key.toLowerCase()]);
  if (!button || !element.offsetParent || !element.querySelector('.under-review')) return;
  event.preventDefault();
  button.click();
}, { signal: window.airaceReviewKeys.signal });
