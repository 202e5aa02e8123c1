// The policy editor: a text area becomes CodeMirror. The text area stays the form's field, so that everything works without this file, too.
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, drawSelection } from '@codemirror/view';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput, syntaxHighlighting, HighlightStyle, foldGutter, indentUnit } from '@codemirror/language';
import { autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { linter, lintGutter, lintKeymap } from '@codemirror/lint';
import { yaml } from '@codemirror/lang-yaml';
import { tags } from '@lezer/highlight';
import { describe, keyOf, keysAt, pathAt, schemasAt, valuesAt } from './schema.js';

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

const textsOf = state => state.doc.toString().split('\n');

async function complete(context) {
  const root = await loadSchema();
  if (!root) return null;
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  if (/(^|\s)#/.test(before)) return null;
  const lines = textsOf(context.state);

  const value = /:\s+(?:\[(?:[^\]]*,)?\s*)?([\w.-]*)$/.exec(before);
  const key = keyOf(line.text);
  if (value && key && key.to < before.length) {
    const path = [...pathAt(lines, line.number, key.from), key.name];
    const options = [...new Set([...valuesAt(root, path), ...valuesAt(root, [...path, '[]'])])].map(label => ({ label, type: 'constant' }));
    return options.length ? { from: context.pos - value[1].length, options, validFor: /^[\w.-]*$/ } : null;
  }

  const word = /^(\s*(?:-\s+)*)([\w.-]*)$/.exec(before);
  if (!word || !word[2] && !context.explicit) return null;
  const path = pathAt(lines, line.number, word[1].length);
  const options = [
    ...keysAt(root, path).map(one => ({ label: one.name, type: 'property', apply: one.opens ? `${one.name}:` : `${one.name}: `, detail: one.required ? 'required' : undefined, info: one.description || undefined })),
    ...valuesAt(root, path).map(label => ({ label, type: 'constant' })),
  ];
  return options.length ? { from: context.pos - word[2].length, options, validFor: /^[\w.-]*$/ } : null;
}

const explain = hoverTooltip(async (view, position) => {
  const root = await loadSchema();
  const line = view.state.doc.lineAt(position);
  const key = keyOf(line.text);
  const at = position - line.from;
  if (!root || !key || at < key.from || at > key.to) return null;
  const text = describe(schemasAt(root, [...pathAt(textsOf(view.state), line.number, key.from), key.name]));
  if (!text) return null;
  return { pos: line.from + key.from, end: line.from + key.to, above: true, create: () => { const dom = document.createElement('div'); dom.className = 'cm-hover'; dom.textContent = text; return { dom }; } };
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

function enliven(nonce) {
  document.querySelectorAll('textarea[data-editor]:not([data-alive])').forEach(area => {
    area.dataset.alive = '';
    const view = new EditorView({
      parent: area.parentElement,
      state: EditorState.create({
        doc: area.value,
        extensions: [
          EditorView.cspNonce.of(nonce),
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

/** Begins, with the nonce that this document began with: navigation within the page brings others, which do not count. */
export function begin(nonce) {
  enliven(nonce);
  new MutationObserver(() => enliven(nonce)).observe(document.body, { childList: true, subtree: true });
}
