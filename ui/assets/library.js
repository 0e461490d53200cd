// The table of documents: searched, sorted and chosen from in the browser; what is chosen goes to Python as ids.
let query = '';
let sorted = { column: -1, sign: 1 };
let opened = '';

const all = (selector) => [...element.querySelectorAll(selector)];
const rows = () => all('tbody tr');
const chosen = () => rows().filter((row) => !row.hidden && row.querySelector('input').checked);
const ids = (list) => list.map((row) => row.dataset.id);
const title = (row) => row.querySelector('.open').textContent;

const count = () => {
  const shown = rows().filter((row) => !row.hidden).length;
  const picked = chosen().length;
  const text = `${shown} document${shown === 1 ? '' : 's'}`;
  element.querySelector('.count').textContent = picked ? `${text}, ${picked} chosen` : text;
  element.querySelector('.chosen').hidden = !picked;
};

const search = () => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  rows().forEach((row) => {
    const text = `${row.textContent} ${row.dataset.words}`.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  });
  count();
};

const sort = () => {
  all('th[data-column]').forEach((head) => {
    const isSorted = Number(head.dataset.column) === sorted.column;
    if (isSorted) head.setAttribute('aria-sort', sorted.sign > 0 ? 'ascending' : 'descending');
    else head.removeAttribute('aria-sort');
  });
  if (sorted.column < 0) return;
  const key = (row) => row.cells[sorted.column + 1].textContent.trim();
  const compare = new Intl.Collator(undefined, { numeric: true }).compare;
  const inOrder = rows().sort((one, other) => {
    if (!key(one) || !key(other)) return Number(!key(one)) - Number(!key(other));  // what is unknown comes last
    return sorted.sign * compare(key(one), key(other));
  });
  element.querySelector('tbody').append(...inOrder);
};

const show = () => {
  const field = element.querySelector('input[type=search]');
  if (!field) return;
  field.value = query;
  sort();
  search();
};
watch('value', () => requestAnimationFrame(show));
requestAnimationFrame(show);

const ask = () => {
  const list = chosen();
  const dialog = element.querySelector('.confirm');
  dialog.querySelector('p').textContent = `Remove ${list.length} document${list.length === 1 ? '' : 's'}?`;
  dialog.querySelector('ul').replaceChildren(...list.slice(0, 8).map((row) => {
    const item = document.createElement('li');
    item.textContent = title(row);
    return item;
  }));
  dialog.showModal();
};

element.addEventListener('input', (event) => {
  if (event.target.type !== 'search') return;
  query = event.target.value;
  search();
});
element.addEventListener('change', (event) => {
  if (event.target.classList.contains('all')) {
    rows().forEach((row) => { if (!row.hidden) row.querySelector('input').checked = event.target.checked; });
  }
  if (event.target.type === 'checkbox') count();
});
element.addEventListener('click', (event) => {
  const target = event.target.closest('button');
  if (!target) return;
  if (target.classList.contains('sort')) {
    const column = Number(target.parentElement.dataset.column);
    sorted = { column, sign: sorted.column === column ? -sorted.sign : 1 };
    sort();
  } else if (target.classList.contains('open')) {
    all('.open.current').forEach((other) => other.classList.remove('current'));
    target.classList.add('current');
    const id = target.closest('tr').dataset.id;
    if (id === opened) document.dispatchEvent(new CustomEvent('airace:open'));
    opened = id;
    trigger('select', { ids: [id] });
  } else if (target.dataset.do === 'only') {
    trigger('submit', { ids: ids(chosen()) });
  } else if (target.dataset.do === 'remove') {
    ask();
  } else if (target.dataset.do) {
    element.querySelector('.confirm').close();
    if (target.dataset.do === 'confirm') trigger('delete', { ids: ids(chosen()) });
  }
});
