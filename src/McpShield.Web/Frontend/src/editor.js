// The policy editor: takes the place of a text area and keeps it filled, so that its form is sent as ever.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { describe, keyOf, keysAt, pathAt, schemasAt, valuesAt } from "./schema.js";

// Colours are the site's: classes in its style sheet, light and dark.
const highlighting = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], class: "tok-key" },
  { tag: [tags.string, tags.content], class: "tok-text" },
  { tag: tags.lineComment, class: "tok-comment" },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], class: "tok-mark" },
  { tag: [tags.keyword, tags.meta, tags.typeName, tags.labelName], class: "tok-word" },
]);

const lineTexts = state => state.doc.toString().split("\n");

function completions(schema) {
  return context => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    if (/(^|\s)#/.test(before)) return null;
    const lines = lineTexts(context.state);

    const value = /^(.*?:\s+(?:\[(?:[^\]]*,)?\s*)?)([\w.\-]*)$/.exec(before);
    const key = keyOf(line.text);
    if (value && key && key.to < before.length) {
      const path = [...pathAt(lines, line.number, key.from), key.name];
      const values = [...new Set([...valuesAt(schema, path), ...valuesAt(schema, [...path, "[]"])])];
      return values.length ? { from: context.pos - value[2].length, options: values.map(label => ({ label, type: "enum" })), validFor: /^[\w.\-]*$/ } : null;
    }

    const word = /^(\s*(?:-\s+)*)([\w.\-]*)$/.exec(before);
    if (!word || (!word[2] && !context.explicit && !before.endsWith("- "))) return null;
    const path = pathAt(lines, line.number, word[1].length);
    const present = siblings(lines, line.number, word[1].length);
    const keys = keysAt(schema, path).filter(one => !present.has(one.name)).map(one => ({
      label: one.name,
      type: "property",
      info: one.description || undefined,
      boost: one.required ? 1 : 0,
      apply: (view, _, from, to) => {
        const text = one.opens ? `${one.name}:` : `${one.name}: `;
        view.dispatch({ changes: { from, to, insert: text }, selection: { anchor: from + text.length } });
        if (!one.opens) startCompletion(view);
      },
    }));
    const options = [...keys, ...valuesAt(schema, path).map(label => ({ label, type: "enum" }))];
    return options.length ? { from: context.pos - word[2].length, options, validFor: /^[\w.\-]*$/ } : null;
  };
}

/** The keys that the mapping at this column has already. */
function siblings(lines, number, column) {
  const found = new Set();
  for (const step of [-1, 1]) {
    for (let i = number - 1 + step; i >= 0 && i < lines.length; i += step) {
      const text = lines[i];
      if (!text.trim()) continue;
      const key = keyOf(text);
      const start = key ? key.from : text.search(/\S/);
      const isItem = text.trimStart().startsWith("- ");
      if (start < column || (step > 0 && isItem && text.search(/\S/) < column)) break;
      if (key && start === column) found.add(key.name);
      if (step < 0 && isItem && text.search(/\S/) < column) break;
    }
  }
  return found;
}

function hover(schema) {
  return hoverTooltip((view, pos) => {
    const line = view.state.doc.lineAt(pos);
    const key = keyOf(line.text);
    const at = pos - line.from;
    if (!key || at < key.from || at > key.to) return null;
    const path = [...pathAt(lineTexts(view.state), line.number, key.from), key.name];
    const text = describe(schemasAt(schema, path));
    if (!text) return null;
    return {
      pos: line.from + key.from,
      end: line.from + key.to,
      above: true,
      create: () => {
        const dom = document.createElement("div");
        dom.className = "editor-hover";
        dom.textContent = text;
        return { dom };
      },
    };
  });
}

/**
 * Opens an editor in place of `area`.
 * @param {HTMLTextAreaElement} area
 * @param {{ nonce: string, schema?: string, changed?: (text: string) => void, readOnly?: boolean }} options
 */
export async function open(area, options) {
  let schema = null;
  try {
    if (options.schema) schema = await (await fetch(options.schema)).json();
  } catch {
    // Without a schema one writes without help.
  }

  let reported = area.value;
  let timer = 0;
  const host = document.createElement("div");
  host.className = "editor";
  area.after(host);
  area.hidden = true;
  const report = () => {
    clearTimeout(timer);
    if (area.value === reported) return;
    reported = area.value;
    options.changed?.(reported);
  };
  const view = new EditorView({
    parent: host,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        EditorView.cspNonce.of(options.nonce),
        lineNumbers(), foldGutter(), lintGutter(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
        highlightActiveLine(), highlightSelectionMatches(),
        indentUnit.of("  "), EditorState.tabSize.of(2), EditorState.readOnly.of(options.readOnly ?? false),
        yaml(), syntaxHighlighting(highlighting),
        schema ? [autocompletion({ override: [completions(schema)] }), hover(schema)] : [],
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
        EditorView.contentAttributes.of({ "aria-label": area.getAttribute("aria-label") ?? area.labels?.[0]?.textContent?.trim() ?? "Policy" }),
        EditorView.updateListener.of(update => {
          if (!update.docChanged) return;
          area.value = update.state.doc.toString();
          clearTimeout(timer);
          timer = setTimeout(report, 300);
        }),
      ],
    }),
  });

  return {
    /** Replaces the text, unless it is there already: what comes back from the server must not move the cursor. */
    set(text) {
      if (text === view.state.doc.toString()) return;
      reported = area.value = text;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
      clearTimeout(timer);
    },

    /** Marks what is wrong: lines and columns from 1, severity `error`, `warning` or `info`. */
    diagnose(problems) {
      const doc = view.state.doc;
      const place = (line, column) => { const at = doc.line(Math.min(Math.max(line, 1), doc.lines)); return Math.min(at.from + Math.max(column - 1, 0), at.to); };
      view.dispatch(setDiagnostics(view.state, problems.map(one => {
        const from = place(one.line, one.column);
        const to = one.endLine ? place(one.endLine, one.endColumn ?? 1) : from;
        const word = /^[^\s:,\]}]*/.exec(doc.sliceString(from, doc.lineAt(from).to))[0].length;
        return { from, to: Math.max(to, from + word), severity: one.severity ?? "error", message: one.message };
      }).sort((a, b) => a.from - b.from)));
    },

    /** Goes to a line and shows it. */
    show(line) {
      const at = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
      view.dispatch({ selection: { anchor: at.from }, effects: EditorView.scrollIntoView(at.from, { y: "center" }) });
      view.focus();
    },

    close() {
      clearTimeout(timer);
      view.destroy();
      host.remove();
      area.hidden = false;
    },
  };
}
