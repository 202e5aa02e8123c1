/** The nonce of this document: what a script writes into the page carries it. Read once, since navigation within the page brings others that do not count. */
export const nonce = document.querySelector("script[nonce]")?.nonce ?? "";
