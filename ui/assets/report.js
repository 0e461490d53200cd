// The report is a frame that runs no script: from here it gets its height, and its links lead where they should.
const follow = (event) => {
  const link = event.target.closest('a[href]');
  if (!link) return;
  event.preventDefault();
  const href = link.getAttribute('href');
  if (!href.startsWith('#')) {
    window.open(href, '_blank', 'noopener,noreferrer');
    return;
  }
  const target = link.ownerDocument.getElementById(href.slice(1));
  for (let box = target; box; box = box.parentElement) if (box.matches('details')) box.open = true;
  target?.scrollIntoView({ block: 'start' });
};

const adopt = (frame) => {
  const page = frame.contentDocument;
  if (!page?.body?.firstElementChild || frame.dataset.adopted) return;
  frame.dataset.adopted = 'yes';
  const root = page.documentElement;
  const fit = () => { frame.style.height = `${Math.ceil(root.getBoundingClientRect().height)}px`; };
  new ResizeObserver(fit).observe(root);
  page.addEventListener('click', follow);
};

watch('value', () => {
  const frame = element.querySelector('iframe.report');
  if (!frame) return;
  frame.addEventListener('load', () => adopt(frame));
  if (frame.contentDocument?.readyState === 'complete') adopt(frame);
});
