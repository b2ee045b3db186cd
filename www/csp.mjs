/**
 * The page's Content-Security-Policy: everything from here, nothing inline, nothing remote. The
 * built page carries it itself, so that it holds on any host; our server sends it as a header too.
 */
export const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "font-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
