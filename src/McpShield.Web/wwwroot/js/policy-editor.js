// Opens the policy editor for an island of the page.
import { nonce } from "./nonce.js";

export async function open(area, island) {
  const editor = await import(area.dataset.editor);
  return editor.open(area, { nonce, schema: "/policy/schema.json", readOnly: area.readOnly, changed: text => island.invokeMethodAsync("Changed", text) });
}
