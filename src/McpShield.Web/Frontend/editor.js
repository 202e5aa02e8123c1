// The policy editor: a text area becomes CodeMirror. The text area stays the form's field, so that everything works without this file, too.
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, drawSelection } from '@codemirror/view';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput, syntaxHighlighting, HighlightStyle, foldGutter, indentUnit } from '@codemirror/language';
import { autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { linter, lintGutter, lintKeymap } from '@codemirror/lint';
import { yaml } from '@codemirror/lang-yaml';
import { tags } from '@lezer/highlight';

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.string, tags.attributeValue], color: 'var(--allow)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--ask)' },
  { tag: tags.comment, color: 'var(--ink-3)', fontStyle: 'italic' },
  { tag: [tags.punctuation, tags.separator], color: 'var(--ink-3)' },
]);

const look = EditorView.theme({
  '&': { fontSize: 'var(--text-s)', backgroundColor: 'var(--surface)', color: 'var(--ink)', border: '1px solid var(--field)', borderRadius: 'var(--radius)', minHeight: '32rem', maxHeight: '75vh' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.65', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--ink)', paddingBlock: '.75rem' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--ink-3)', borderRight: '1px solid var(--rule)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--accent-soft)' },
  '.cm-tooltip': { backgroundColor: 'var(--surface)', border: '1px solid var(--rule-strong)', borderRadius: 'var(--radius)', color: 'var(--ink)', boxShadow: 'var(--shadow)', maxWidth: '32rem' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent-soft)', color: 'var(--ink)' },
  '.cm-completionDetail': { color: 'var(--ink-3)', fontStyle: 'normal' },
  '.cm-hover': { padding: '.5rem .75rem', fontFamily: 'var(--sans)' },
});

let schema;
const loadSchema = () => schema ??= fetch('/policy/schema.json').then(answer => answer.ok ? answer.json() : null).catch(() => null);

// Where in the document a place is: the keys that lead to it, `*` for an item of a list.
function pathAt(state, position) {
  const line = state.doc.lineAt(position);
  const path = [];
  let indent = line.text.search(/\S|$/);
  const own = /^(\s*)(- )?/.exec(line.text);
  if (own[2]) { path.unshift('*'); }
  let inner = own[2] ? own[1].length : indent === line.text.length ? position - line.from : indent;
  for (let number = line.number - 1; number > 0 && (inner > 0 || path[0] === '*'); number--) {
    const text = state.doc.line(number).text;
    if (!text.trim() || text.trim().startsWith('#')) continue;
    const [, space, dash, key] = /^(\s*)(- )?(?:"?([A-Za-z_][\w.-]*)"?\s*:)?/.exec(text);
    const column = space.length + (dash ? 2 : 0);
    if (key && column < inner || key && path[0] === '*' && column <= inner && !dash) { path.unshift(key); inner = column; if (dash) { path.unshift('*'); inner = space.length; } }
    else if (dash && column === inner) { path.unshift('*'); inner = space.length; }
  }
  return path;
}

// The schemas that a path leads to; there can be several, where one of many is possible.
function resolve(root, path) {
  let nodes = expand(root, root);
  for (const step of path) {
    nodes = nodes.flatMap(node => {
      if (step === '*') return node.items ? [node.items] : [];
      if (node.properties?.[step]) return [node.properties[step]];
      return typeof node.additionalProperties === 'object' ? [node.additionalProperties] : [];
    }).flatMap(node => expand(root, node));
  }
  return nodes;
}
function expand(root, node, depth = 0) {
  if (!node || typeof node !== 'object' || depth > 8) return [];
  if (node.$ref) return expand(root, node.$ref.replace(/^#\//, '').split('/').reduce((at, key) => at?.[decodeURIComponent(key).replace(/~1/g, '/').replace(/~0/g, '~')], root), depth + 1);
  const parts = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])];
  return [node, ...parts.flatMap(part => expand(root, part, depth + 1))];
}
const values = node => [...(node.enum ?? []), ...(node.const === undefined ? [] : [node.const]), ...(node.type === 'boolean' ? [true, false] : [])].filter(value => value !== null && typeof value !== 'object');

async function complete(context) {
  const root = await loadSchema();
  if (!root) return null;
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  if (before.includes('#')) return null;
  const value = /^\s*(?:- )?"?([A-Za-z_][\w.-]*)"?\s*:\s+(?:\[?(?:[^,]*,\s*)*)?([\w-]*)$/.exec(before);
  if (value) {
    const nodes = resolve(root, [...pathAt(context.state, context.pos), value[1]]).flatMap(node => [node, ...expand(root, node.items)]);
    const options = [...new Set(nodes.flatMap(values))].map(one => ({ label: String(one), type: 'constant' }));
    return options.length ? { from: context.pos - value[2].length, options } : null;
  }
  const key = /^(\s*)(- )?([\w.-]*)$/.exec(before);
  if (!key || !key[3] && !context.explicit) return null;
  const nodes = resolve(root, pathAt(context.state, context.pos));
  const options = new Map();
  for (const node of nodes) for (const [name, property] of Object.entries(node.properties ?? {})) {
    const described = expand(root, property).find(one => one.description);
    options.set(name, { label: name, type: 'property', apply: `${name}: `, detail: node.required?.includes(name) ? 'required' : undefined, info: described?.description });
  }
  return options.size ? { from: context.pos - key[3].length, options: [...options.values()] } : null;
}

const explain = hoverTooltip(async (view, position) => {
  const root = await loadSchema();
  const line = view.state.doc.lineAt(position);
  const key = /^(\s*(?:- )?)"?([A-Za-z_][\w.-]*)"?\s*:/.exec(line.text);
  if (!root || !key) return null;
  const start = line.from + key[1].length;
  if (position < start || position > start + key[2].length) return null;
  const text = resolve(root, [...pathAt(view.state, start), key[2]]).find(node => node.description)?.description;
  if (!text) return null;
  return { pos: start, end: start + key[2].length, above: true, create: () => { const dom = document.createElement('div'); dom.className = 'cm-hover'; dom.textContent = text; return { dom }; } };
});

const check = form => linter(async view => {
  const body = new FormData();
  body.set('policy_yaml', view.state.doc.toString());
  body.set('__RequestVerificationToken', form.elements.__RequestVerificationToken.value);
  const answer = await fetch(`/app/projects/${form.dataset.policy}/policy/check`, { method: 'POST', body });
  if (!answer.ok) return [];
  return (await answer.json()).diagnostics.map(one => {
    const line = view.state.doc.line(Math.min(Math.max(one.line, 1), view.state.doc.lines));
    const from = Math.min(line.from + Math.max(one.column - 1, 0), line.to);
    const word = /^[^\s,:\]}]+/.exec(line.text.slice(from - line.from));
    return { from, to: Math.min(from + (word?.[0].length ?? 1), line.to), severity: one.severity, message: one.hint ? `${one.message} ${one.hint}` : one.message, source: one.code };
  });
}, { delay: 500 });

function enliven() {
  document.querySelectorAll('textarea[data-editor]:not([data-alive])').forEach(area => {
    area.dataset.alive = '';
    const view = new EditorView({
      parent: area.parentElement,
      state: EditorState.create({
        doc: area.value,
        extensions: [
          EditorView.cspNonce.of(document.querySelector('script[nonce]')?.nonce ?? ''),
          lineNumbers(), foldGutter(), lintGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(), highlightActiveLineGutter(), indentUnit.of('  '),
          yaml(), syntaxHighlighting(colours), look, autocompletion({ override: [complete] }), explain, check(area.form),
          EditorView.contentAttributes.of({ 'aria-label': 'Policy', 'aria-describedby': 'diagnostics' }),
          keymap.of([...completionKeymap, ...lintKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
          EditorView.updateListener.of(update => { if (update.docChanged) area.value = update.state.doc.toString(); }),
        ],
      }),
    });
    area.hidden = true;
    area.editor = view;
  });
}

document.addEventListener('click', event => {
  const place = event.target.closest('[data-line]');
  const view = document.querySelector('textarea[data-editor]')?.editor;
  if (!place || !view) return;
  const line = view.state.doc.line(Math.min(Number(place.dataset.line), view.state.doc.lines));
  view.dispatch({ selection: { anchor: Math.min(line.from + Number(place.dataset.column) - 1, line.to) }, scrollIntoView: true });
  view.focus();
});

enliven();
new MutationObserver(enliven).observe(document.body, { childList: true, subtree: true });
