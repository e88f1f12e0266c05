'use strict';
// The findings table. All texts come escaped for display and go in as text, never as markup.
(() => {
  const PAGE = 100, PRINT = 2000;
  const SEVERITY = ['low', 'medium', 'high', 'very high'], CONFIDENCE = ['low', 'medium', 'high'];
  const holder = document.getElementById('data');
  const {words, groups} = JSON.parse(holder.textContent);
  holder.remove();
  const el = id => document.getElementById(id);
  const number = new Intl.NumberFormat('en').format;
  const percent = x => x >= 0.9995 && x < 1 ? '> 99.9 %' : (x * 100).toFixed(1).replace(/\.0$/, '') + ' %';
  const flagName = f => ({art9: 'Art. 9 special category', art10: 'Art. 10 criminal data', art87: 'Art. 87 national ID',
    test_data: 'test data'})[f] || f.replaceAll('_', ' ');

  // A group is [path, members, table, findings], a finding an array in the order of these names.
  const NAMES = ['field', 'kind', 'category', 'severity', 'confidence', 'certainty', 'matches', 'distinct', 'estimate',
    'rows', 'share', 'first', 'validity', 'evidence', 'flags', 'ambiguous', 'id'];
  const all = groups.map(([path, members, table, rows], order) => {
    const group = {path, members, table, order, text: [path, ...members, table || ''].join(' ').toLowerCase()};
    group.rows = rows.map(row => {
      const finding = {group};
      NAMES.forEach((name, i) => finding[name] = row[i]);
      for (const name of ['kind', 'category']) finding[name] = words[finding[name]];
      finding.flags = finding.flags.map(i => words[i]);
      return finding;
    });
    group.severity = Math.max(...group.rows.map(f => f.severity));
    group.matches = group.rows.reduce((sum, f) => sum + f.matches, 0);
    return group;
  });
  const total = all.reduce((sum, g) => sum + g.rows.length, 0);

  let shown = [], page = 0, sort = 'severity', down = true, size = PAGE;

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  // ---- filter and sort -------------------------------------------------------------------------------
  const select = {severity: el('f-severity'), confidence: el('f-confidence'), category: el('f-category'), flag: el('f-flag')};
  const matcher = () => {
    const terms = el('q').value.toLowerCase().split(/\s+/).filter(Boolean);
    const {severity, confidence, category, flag} = Object.fromEntries(Object.entries(select).map(([k, s]) => [k, s.value]));
    return f => (!severity || f.severity === +severity) && (!confidence || f.confidence === +confidence)
      && (!category || f.category === category) && (!flag || f.flags.includes(flag))
      && terms.every(t => f.group.text.includes(t) || (f.field || '').toLowerCase().includes(t)
        || f.kind.includes(t) || f.category.includes(t) || f.id === t);
  };
  const TEXT = {path: f => f.field || '', kind: f => f.kind};
  const compare = (a, b) => a < b ? -1 : a > b ? 1 : 0;

  // Groups stay together whatever the order: each stands where its best row stands.
  const update = () => {
    const matches = matcher(), sign = down ? -1 : 1, value = TEXT[sort] || (f => f[sort] ?? -1);
    const kept = [];
    for (const group of all) {
      const rows = group.rows.filter(matches);
      if (!rows.length) continue;
      if (sort !== 'severity') rows.sort((a, b) => sign * compare(value(a), value(b)));
      kept.push({group, rows, best: sort === 'severity' ? group.severity : value(rows[0])});
    }
    kept.sort((a, b) => (sort === 'path' ? sign * (a.group.order - b.group.order) : sign * compare(a.best, b.best))
      || b.group.severity - a.group.severity || b.group.matches - a.group.matches || a.group.order - b.group.order);
    shown = kept.flatMap(k => k.rows);
    page = 0;
    el('count').textContent = (shown.length === total ? `${number(total)} findings` : `${number(shown.length)} of ${number(total)} findings`)
      + ` in ${number(kept.length)} ${kept.length === 1 ? 'table or document' : 'tables and documents'}`;
    draw();
  };

  // Roles are set by hand: narrow screens show rows as cards, and `display` takes a table's roles away.
  // ---- rows ------------------------------------------------------------------------------------------
  const cell = (row, className, ...content) => {
    const td = make('td', className);
    td.setAttribute('role', 'cell');
    td.append(...content);
    row.append(td);
  };
  const line = className => {
    const row = make('tr', className);
    row.setAttribute('role', 'row');
    return row;
  };
  const placeRow = group => {
    const row = line('p'), th = make('th', 'place'), path = make('div', 'path', group.path);
    th.colSpan = 6;
    th.scope = 'colgroup';
    th.setAttribute('role', 'rowheader');
    for (const member of group.members) path.append(make('span', '', ' › '), member);
    if (group.table) path.append(make('span', '', '  table '), group.table);
    th.append(path);
    row.append(th);
    cell(row, 'place', make('span', 'tag ' + SEVERITY[group.severity].replace(' ', '_'), SEVERITY[group.severity]));
    return row;
  };
  const findingRow = (f, index) => {
    const row = line('f'), open = make('button', 'link open', f.field ?? '(free text)');
    open.type = 'button';
    open.setAttribute('aria-expanded', 'false');
    open.dataset.index = index;
    const kind = make('div', '', f.kind), flags = make('div');
    for (const flag of f.flags) flags.append(make('span', 'tag flag', flagName(flag)));
    cell(row, '', open);
    cell(row, '', kind, make('div', 'small', f.category), ...(f.flags.length ? [flags] : []));
    cell(row, '', CONFIDENCE[f.confidence] + ' ', make('div', 'small', percent(f.certainty)));
    cell(row, 'n', number(f.matches));
    cell(row, 'n opt', (f.estimate ? '≈ ' : '') + number(f.distinct));
    cell(row, 'n opt', f.share === null ? '' : percent(f.share));
    cell(row, '', f.severity === f.group.severity ? '' : SEVERITY[f.severity]);
    return row;
  };
  const evidence = f => {
    const list = make('ul', 'ev'), most = Math.max(1, ...f.evidence.map(([, bits]) => Math.abs(bits)));
    for (const [reason, bits] of f.evidence) {
      const item = make('li'), axis = make('span', 'axis'), bar = make('i', bits < 0 ? 'minus' : '');
      const width = Math.abs(bits) / most * 50;
      bar.style.width = width + '%';
      bar.style.left = (bits < 0 ? 50 - width : 50) + '%';
      axis.append(bar);
      axis.setAttribute('aria-hidden', 'true');
      item.append(make('span', '', words[reason]), axis, make('span', 'n', (bits < 0 ? '−' : '+') + Math.abs(bits).toFixed(1)));
      list.append(item);
    }
    return list;
  };
  const detailRow = f => {
    const row = line('detail'), grid = make('div', 'grid'), facts = make('dl'), why = make('div');
    const fact = (name, text) => text && facts.append(make('dt', '', name), make('dd', '', text));
    fact('Values', number(f.matches) + (f.rows === null ? '' : ` in ${number(f.rows)} cells`));
    fact('Distinct', (f.estimate ? 'about ' : '') + number(f.distinct));
    fact('Of filled cells', f.share === null ? '' : percent(f.share));
    fact('Validity', f.validity.map(([rung, n]) => `${words[rung].replaceAll('_', ' ')} ${number(n)}`).join(', '));
    fact('First in', (f.field === null ? 'line ' : 'row ') + number(f.first));
    fact('Could also be', f.ambiguous.map(i => words[i]).join(', '));
    fact('Certainty', percent(f.certainty));
    fact('Id', f.id);
    why.append(make('h4', '', 'Evidence in bits: one more doubles the odds'), evidence(f));
    grid.append(facts, why);
    cell(row, '', grid);
    row.cells[0].colSpan = 7;
    return row;
  };
  const table = document.querySelector('table.rows');
  const draw = () => {
    const from = page * size, to = Math.min(shown.length, from + size), body = make('tbody');
    body.setAttribute('role', 'rowgroup');
    let last = null;
    for (let i = from; i < to; i++) {
      if (shown[i].group !== last) body.append(placeRow(last = shown[i].group));
      body.append(findingRow(shown[i], i));
    }
    if (!shown.length) cell(body.appendChild(line('')), '', total ? 'No finding matches the filter.' : 'No findings in what was read.');
    if (!shown.length) body.querySelector('td').colSpan = 7;
    table.tBodies[0]?.remove();
    table.append(body);
    el('page').textContent = shown.length ? `${number(from + 1)} to ${number(to)} of ${number(shown.length)}` : '';
    el('prev').disabled = page === 0;
    el('next').disabled = to >= shown.length;
  };

  // ---- controls --------------------------------------------------------------------------------------
  const option = (list, value, text) => list.append(Object.assign(make('option', '', text), {value}));
  const findings = all.flatMap(g => g.rows), values = pick => [...new Set(findings.flatMap(pick))].sort();
  for (const s of values(f => f.severity).reverse()) option(select.severity, s, SEVERITY[s]);
  for (const c of values(f => f.confidence).reverse()) option(select.confidence, c, CONFIDENCE[c]);
  for (const c of values(f => f.category)) option(select.category, c, c);
  for (const f of values(f => f.flags)) option(select.flag, f, flagName(f));

  let timer;
  el('q').addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(update, 150); });
  for (const list of Object.values(select)) list.addEventListener('change', update);
  const form = document.querySelector('form.bar');
  form.addEventListener('submit', event => { event.preventDefault(); update(); });
  form.addEventListener('reset', () => setTimeout(update));
  const turn = by => { page += by; draw(); el('findings').scrollIntoView(); };
  el('prev').addEventListener('click', () => turn(-1));
  el('next').addEventListener('click', () => turn(1));
  table.tHead.addEventListener('click', event => {
    const key = event.target.dataset.sort;
    if (!key) return;
    down = key === sort ? !down : !(key in TEXT);
    sort = key;
    for (const th of table.tHead.rows[0].cells) {
      const mine = th.firstChild.dataset.sort === sort;
      th.setAttribute('aria-sort', mine ? (down ? 'descending' : 'ascending') : 'none');
    }
    update();
  });
  table.addEventListener('click', event => {
    const open = event.target.closest('.open');
    if (!open) return;
    const row = open.closest('tr'), isOpen = open.getAttribute('aria-expanded') === 'true';
    open.setAttribute('aria-expanded', String(!isOpen));
    if (isOpen) row.nextSibling.remove(); else row.after(detailRow(shown[+open.dataset.index]));
  });
  // Names in the tables above become short cuts to the filter.
  for (const node of document.querySelectorAll('[data-filter]')) {
    const button = make('button', 'link', node.textContent);
    button.type = 'button';
    button.addEventListener('click', () => {
      form.reset();
      if (node.dataset.filter === 'category') select.category.value = node.textContent; else el('q').value = node.textContent + '/';
      setTimeout(() => { update(); el('findings').scrollIntoView(); el('findings').focus(); });
    });
    node.replaceChildren(button);
  }
  // On paper there are no pages to turn.
  addEventListener('beforeprint', () => { size = PRINT; page = 0; draw(); });
  addEventListener('afterprint', () => { size = PAGE; draw(); });

  el('app').hidden = false;
  update();
})();
