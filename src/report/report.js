'use strict';
// The findings: by system, folder and file, or as a list; and the page's language. All texts come escaped for display and go in as text, never as markup.
(() => {
  const PAGE = 100, PRINT = 2000, STEP = 200;
  const SEVERITY = ['low', 'medium', 'high', 'very high'], CONFIDENCE = ['low', 'medium', 'high'];
  const holder = document.getElementById('data');
  const {words, groups} = JSON.parse(holder.textContent);
  holder.remove();
  const el = id => document.getElementById(id);
  const bokmal = JSON.parse(el('bokmal').textContent);
  let nb = /^(nb|nn|no)\b/.test(navigator.language), number, percent;
  // A text of the page's own, in the reader's language.
  const t = text => nb && Object.hasOwn(bokmal, text) ? bokmal[text] : text;
  const flagName = f => t({__proto__: null, art9: 'Art. 9 special category', art10: 'Art. 10 criminal data', art87: 'Art. 87 national ID',
    many_subjects: 'more than 100 data subjects', outside_eea: 'outside the EEA',
    third_country_access: 'access from a third country'}[f] || f.replaceAll('_', ' '));

  // A group is [path, members, table, findings, place]; a finding and a place are arrays in the order of these names.
  const PLACE = ['system', 'flags', 'subjects', 'estimate', 'anchors', 'readable', 'owner', 'ownerGroup', 'mode', 'modified',
    'copyOf', 'hold', 'area'];
  const NAMES = ['field', 'kind', 'category', 'severity', 'confidence', 'certainty', 'matches', 'distinct', 'estimate',
    'rows', 'share', 'first', 'validity', 'evidence', 'flags', 'ambiguous', 'id'];
  const all = groups.map(([path, members, table, rows, place], order) => {
    const group = {path, members, table, order, text: [path, ...members, table || ''].join(' ').toLowerCase()};
    PLACE.forEach((name, i) => group[name] = place[i]);
    group.system = group.system === null ? null : words[group.system];
    group.flags = group.flags.map(i => words[i]);
    group.hold = group.hold.map(i => words[i]);
    const cut = path.lastIndexOf('/');
    group.folder = cut < 0 ? '.' : path.slice(0, cut);
    group.file = path.slice(cut + 1);
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

  let shown = [], kept = [], page = 0, sort = 'severity', down = true, size = PAGE, asTree = true;

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  // ---- filter and sort -------------------------------------------------------------------------------
  const NONE = '\u0000';
  const select = Object.fromEntries(['system', 'severity', 'confidence', 'category', 'flag', 'readable'].map(k => [k, el('f-' + k)]));
  const matcher = () => {
    const terms = el('q').value.toLowerCase().split(/\s+/).filter(Boolean);
    const {system, severity, confidence, category, flag, readable} =
      Object.fromEntries(Object.entries(select).map(([k, s]) => [k, s.value]));
    return f => (!severity || f.severity === +severity) && (!confidence || f.confidence === +confidence)
      && (!category || f.category === category) && (!flag || f.flags.includes(flag) || f.group.flags.includes(flag))
      && (!system || (f.group.system ?? NONE) === system) && (!readable || f.group.readable === readable)
      && terms.every(t => f.group.text.includes(t) || (f.field || '').toLowerCase().includes(t)
        || f.kind.includes(t) || f.category.includes(t) || f.id === t);
  };
  const TEXT = {path: f => f.field || '', kind: f => f.kind};
  const compare = (a, b) => a < b ? -1 : a > b ? 1 : 0;

  // Groups stay together whatever the order: each stands where its best row stands.
  const update = () => {
    const matches = matcher(), sign = down ? -1 : 1, value = TEXT[sort] || (f => f[sort] ?? -1);
    kept = [];
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
    el('count').textContent = (shown.length === total ? number(total) : `${number(shown.length)} ${t('of')} ${number(total)}`)
      + ` ${t('findings')} ${t('in')} ${number(kept.length)} ${t(kept.length === 1 ? 'table or document' : 'tables and documents')}`;
    show();
  };
  const show = () => {
    el('tree').hidden = !asTree;
    el('list').hidden = el('pager').hidden = asTree;
    el('as-tree').setAttribute('aria-pressed', String(asTree));
    el('as-list').setAttribute('aria-pressed', String(!asTree));
    if (asTree) drawTree(); else draw();
  };

  // Roles are set by hand: narrow screens show rows as cards, and `display` takes a table's roles away.
  // ---- rows ------------------------------------------------------------------------------------------
  const cell = (row, className, ...content) => {
    const td = make('td', className);
    td.setAttribute('role', 'cell');
    td.append(...content);
    row.append(td);
    return td;
  };
  const line = className => {
    const row = make('tr', className);
    row.setAttribute('role', 'row');
    return row;
  };
  const tag = severity => make('span', 'tag ' + SEVERITY[severity].replace(' ', '_'), t(SEVERITY[severity]));
  const flagTags = flags => flags.map(flag => make('span', 'tag flag', flagName(flag)));
  const placeRow = group => {
    const row = line('p'), th = make('th', 'place'), path = make('div', 'path', group.path);
    th.colSpan = 6;
    th.scope = 'colgroup';
    th.setAttribute('role', 'rowheader');
    for (const member of group.members) path.append(make('span', '', ' › '), member);
    if (group.table) path.append(make('span', '', ` ${t('table')} `), group.table);
    th.append(path);
    row.append(th);
    cell(row, 'place', tag(group.severity));
    return row;
  };
  const findingRow = (f, index) => {
    const row = line('f'), open = make('button', 'link open', f.field ?? t('(free text)'));
    open.type = 'button';
    open.setAttribute('aria-expanded', 'false');
    open.dataset.index = index;
    const kind = make('div', '', f.kind), flags = make('div');
    flags.append(...flagTags(f.flags));
    cell(row, '', open);
    cell(row, '', kind, make('div', 'small', f.category), ...(f.flags.length ? [flags] : []));
    cell(row, '', t(CONFIDENCE[f.confidence]) + ' ', make('div', 'small', percent(f.certainty)));
    cell(row, 'n', number(f.matches)).dataset.unit = t(f.matches === 1 ? 'value' : 'values');
    cell(row, 'n opt', (f.estimate ? '≈ ' : '') + number(f.distinct));
    cell(row, 'n opt', f.share === null ? '' : percent(f.share));
    cell(row, '', f.severity === f.group.severity ? '' : t(SEVERITY[f.severity]));
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
  const facts = pairs => {
    const list = make('dl');
    for (const [name, text] of pairs) if (text) list.append(make('dt', '', t(name)), make('dd', '', text));
    return list;
  };
  const subjects = g => g.subjects === null ? '' : (g.estimate ? '≈ ' : '') + number(g.subjects);
  const placeFacts = g => facts([
    ['System', g.system], ['Data subjects', subjects(g)], ['Flags', g.flags.map(flagName).join(', ')],
    ['Readable by', g.readable && `${t(g.readable)} (${[g.mode, g.owner, g.ownerGroup].filter(Boolean).join(' ')})`],
    ['Last change', g.modified], ['Personal area', g.area && t(g.area.replaceAll('_', ' '))],
    ['Dates inside', g.anchors.map(([field, kind, oldest, newest]) => `${field} (${t(kind.replaceAll('_', ' '))}): ${oldest} – ${newest}`).join('; ')],
    ['Copy of', g.copyOf], ['May have to be kept', g.hold.join(' ')],
  ]);
  const findingFacts = f => facts([
    ['Values', number(f.matches) + (f.rows === null ? '' : ` ${t('in')} ${number(f.rows)} ${t('cells')}`)],
    ['Distinct', (f.estimate ? '≈ ' : '') + number(f.distinct)],
    ['Of filled cells', f.share === null ? '' : percent(f.share)],
    ['Validity', f.validity.map(([rung, n]) => `${t(words[rung].replaceAll('_', ' '))} ${number(n)}`).join(', ')],
    ['First in', `${t(f.field === null ? 'line' : 'row')} ${number(f.first)}`],
    ['Could also be', f.ambiguous.map(i => words[i]).join(', ')],
    ['Certainty', percent(f.certainty)], ['Id', f.id],
  ]);
  const detail = (f, withPlace) => {
    const grid = make('div', 'grid'), left = make('div'), why = make('div');
    left.append(findingFacts(f));
    if (withPlace) left.append(placeFacts(f.group));
    why.append(make('h4', '', t('Evidence in bits: one more doubles the odds')), evidence(f));
    grid.append(left, why);
    return grid;
  };
  const detailRow = f => {
    const row = line('detail');
    cell(row, '', detail(f, true));
    row.cells[0].colSpan = 7;
    return row;
  };

  // ---- tree: what is closed is not drawn -------------------------------------------------------------
  const by = (entries, key) => {
    const map = new Map();
    for (const entry of entries) {
      const name = key(entry);
      if (map.has(name)) map.get(name).push(entry); else map.set(name, [entry]);
    }
    return [...map].map(([name, entries]) => ({name, entries, severity: Math.max(...entries.map(e => e.group.severity))}))
      .sort((a, b) => b.severity - a.severity || b.entries.length - a.entries.length || compare(a.name ?? '', b.name ?? ''));
  };
  // A branch: what it is called, what it adds up to, and its children when it is opened.
  const branch = (name, severity, note, flags, children) => {
    const item = make('li'), open = make('button', 'branch'), head = make('span', 'name', name);
    open.type = 'button';
    open.setAttribute('aria-expanded', 'false');
    open.append(head, tag(severity), make('span', 'small', note), ...flagTags(flags));
    open.addEventListener('click', () => {
      const isOpen = open.getAttribute('aria-expanded') === 'true';
      open.setAttribute('aria-expanded', String(!isOpen));
      if (isOpen) open.nextSibling.remove(); else item.append(children());
    });
    item.append(open);
    return item;
  };
  // Children by and by, so that no folder is too large.
  const grow = (list, entries, draw) => {
    const more = make('li'), button = make('button', '', '');
    let at = 0;
    const step = () => {
      const end = Math.min(entries.length, at + STEP);
      more.remove();
      for (; at < end; at++) list.append(draw(entries[at]));
      button.textContent = `${number(entries.length - at)} ${t('more')}`;
      if (at < entries.length) list.append(more);
    };
    button.type = 'button';
    button.addEventListener('click', step);
    more.append(button);
    step();
    return list;
  };
  const count = (n, one, many) => `${number(n)} ${t(n === 1 ? one : many)}`;
  const files = entries => count(new Set(entries.map(e => e.group.path)).size, 'file', 'files');
  const leaf = f => branch(f.field ?? t('(free text)'), f.severity,
    `${f.kind} · ${f.category} · ${t(CONFIDENCE[f.confidence])} · ${count(f.matches, 'value', 'values')}`, f.flags, () => detail(f, false));
  const fileBranch = ({name, entries, severity}) => {
    const first = entries[0].group, flags = [...new Set(entries.flatMap(e => e.group.flags))];
    const who = first.readable ? ` · ${t('readable by')} ${t(first.readable)}` : '';
    return branch(name, severity, `${count(entries.flatMap(e => e.rows).length, 'finding', 'findings')}${who}`, flags, () => {
      const list = make('ul');
      for (const {group, rows} of entries) {
        const part = make('li', 'part'), title = [...group.members, group.table && `${t('table')} ${group.table}`].filter(Boolean).join(' › ');
        if (title) part.append(make('div', 'path', title));
        part.append(placeFacts(group), grow(make('ul'), rows, leaf));
        list.append(part);
      }
      return list;
    });
  };
  const folderBranch = ({name, entries, severity}) => branch(name, severity, files(entries), [],
    () => grow(make('ul'), by(entries, e => e.group.file), fileBranch));
  const systemName = (system, area) => system ?? (area ? `${t('Personal areas:')} ${t(area.replaceAll('_', ' '))}` : t('Not mapped to a system'));
  const drawTree = () => {
    const systems = by(kept, e => systemName(e.group.system, e.group.area));
    const tree = make('ul', 'tree');
    tree.id = 'tree';
    for (const {name, entries, severity} of systems) {
      tree.append(branch(name, severity, files(entries), [], () => grow(make('ul'), by(entries, e => e.group.folder), folderBranch)));
    }
    if (!kept.length) tree.append(make('li', '', t(total ? 'No finding matches the filter.' : 'No findings in what was read.')));
    el('tree').replaceWith(tree);
    // One system, or few folders: nothing to choose from first.
    if (systems.length === 1) tree.querySelector('.branch').click();
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
    if (!shown.length) cell(body.appendChild(line('')), '', t(total ? 'No finding matches the filter.' : 'No findings in what was read.'));
    if (!shown.length) body.querySelector('td').colSpan = 7;
    table.tBodies[0]?.remove();
    table.append(body);
    el('page').textContent = shown.length ? `${number(from + 1)} ${t('to')} ${number(to)} ${t('of')} ${number(shown.length)}` : '';
    el('prev').disabled = page === 0;
    el('next').disabled = to >= shown.length;
  };

  // ---- controls --------------------------------------------------------------------------------------
  const findings = all.flatMap(g => g.rows), values = pick => [...new Set(findings.flatMap(pick))].sort();
  // What can be chosen, with its text; drawn anew when the language changes.
  const CHOICES = {
    system: [values(f => f.group.system ?? NONE), s => s === NONE ? t('Not mapped to a system') : s],
    severity: [values(f => f.severity).reverse(), s => t(SEVERITY[s])],
    confidence: [values(f => f.confidence).reverse(), c => t(CONFIDENCE[c])],
    category: [values(f => f.category), c => c],
    flag: [[...new Set([...values(f => f.flags), ...values(f => f.group.flags)])].sort(), flagName],
    readable: [values(f => f.group.readable ?? []), r => t(r)],
  };
  const options = () => {
    for (const [name, [list, text]] of Object.entries(CHOICES)) {
      const chosen = select[name].value;
      select[name].replaceChildren(select[name].options[0]);
      for (const value of list) select[name].append(Object.assign(make('option', '', text(value)), {value}));
      select[name].value = chosen;
    }
  };

  // ---- language --------------------------------------------------------------------------------------
  const english = new Map();
  const speak = () => {
    const format = new Intl.NumberFormat(nb ? 'nb' : 'en').format, point = text => nb ? text.replace('.', ',') : text;
    number = format;
    percent = x => point(x >= 0.9995 && x < 1 ? '> 99.9 %' : (x * 100).toFixed(1).replace(/\.0$/, '') + ' %');
    document.documentElement.lang = nb ? 'nb' : 'en';
    for (const node of document.querySelectorAll('[data-t], [data-d]')) {
      if (!english.has(node)) english.set(node, node.textContent);
      node.textContent = 't' in node.dataset ? t(english.get(node)) : point(english.get(node));
    }
    for (const node of document.querySelectorAll('data')) node.textContent = number(+node.value);
    for (const [node, name] of [[el('q'), 'placeholder'], ...[...document.querySelectorAll('[aria-label]')].map(n => [n, 'aria-label'])]) {
      if (!english.has(node)) english.set(node, node.getAttribute(name));
      node.setAttribute(name, t(english.get(node)));
    }
    el('lang').textContent = nb ? 'English' : 'Norsk';
    el('lang').lang = nb ? 'en' : 'nb';
    options();
    update();
  };

  let timer;
  el('q').addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(update, 150); });
  for (const list of Object.values(select)) list.addEventListener('change', update);
  const form = document.querySelector('form.bar');
  form.addEventListener('submit', event => { event.preventDefault(); update(); });
  form.addEventListener('reset', () => setTimeout(update));
  const turn = step => { page += step; draw(); el('findings').scrollIntoView(); };
  el('prev').addEventListener('click', () => turn(-1));
  el('next').addEventListener('click', () => turn(1));
  for (const [id, tree] of [['as-tree', true], ['as-list', false]]) el(id).addEventListener('click', () => { asTree = tree; show(); });
  el('lang').addEventListener('click', () => { nb = !nb; speak(); });
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
      const list = select[node.dataset.filter];
      if (list) list.value = node.textContent; else el('q').value = node.textContent + '/';
      setTimeout(() => { update(); el('findings').scrollIntoView(); el('findings').focus(); });
    });
    node.replaceChildren(button);
  }
  // On paper there are no pages to turn and nothing to open: the list is what is printed.
  let before = asTree;
  // Of a long one that is a part, and says so: what is filed may not look like all.
  addEventListener('beforeprint', () => {
    before = asTree; asTree = false; size = PRINT; page = 0; show();
    el('printed').hidden = shown.length <= PRINT;
    el('printed').textContent = `${number(PRINT)} ${t('of')} ${number(shown.length)} ${t('findings')} `
      + t(sort === 'severity' && down ? 'are printed, the gravest first; inventory.csv has all.' : 'are printed, in the order chosen; inventory.csv has all.');
  });
  addEventListener('afterprint', () => { asTree = before; size = PAGE; el('printed').hidden = true; show(); });

  el('app').hidden = el('lang').hidden = false;
  speak();
})();
