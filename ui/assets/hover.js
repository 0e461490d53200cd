// The quoted words beside a marker, while the pointer or the focus is on it.
const card = document.getElementById('hovercard') || document.createElement('div');
card.id = 'hovercard';
card.setAttribute('role', 'tooltip');
card.hidden = true;
document.querySelector('main').append(card);
let waiting;

const hide = () => { card.hidden = true; };
const show = (marker) => {
  clearTimeout(waiting);
  const quote = document.createElement('q');
  quote.textContent = marker.dataset.quote;
  const source = document.createElement('div');
  source.className = 'from';
  source.textContent = marker.dataset.from;
  card.replaceChildren(quote, source);
  card.hidden = false;
  marker.setAttribute('aria-describedby', 'hovercard');
  const at = marker.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left - 40), window.innerWidth - card.offsetWidth - 8);
  const above = at.top - card.offsetHeight - 6;
  card.style.left = `${left}px`;
  card.style.top = `${above > 8 ? above : at.bottom + 6}px`;
};

const markerOf = (event) => event.target.closest && event.target.closest('.cite[data-quote]');
for (const type of ['mouseover', 'focusin']) {
  element.addEventListener(type, (event) => { const marker = markerOf(event); if (marker) show(marker); });
}
for (const type of ['mouseout', 'focusout']) {
  element.addEventListener(type, (event) => { if (markerOf(event)) waiting = setTimeout(hide, 150); });
}
card.addEventListener('mouseenter', () => clearTimeout(waiting));
card.addEventListener('mouseleave', hide);
element.addEventListener('keydown', (event) => { if (event.key === 'Escape') hide(); });
(element.closest('#pane') || element).addEventListener('scroll', hide);
watch('value', hide);
