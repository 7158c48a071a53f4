// Says statuses, times and sizes in words.

// HTTP/2 and later send no reason phrase.
const REASONS = {
  200: "OK", 201: "Created", 202: "Accepted", 204: "No content", 400: "Bad request", 401: "Unauthorized", 403: "Forbidden", 404: "Not found",
  409: "Conflict", 413: "Too large", 429: "Too many requests", 499: "Cancelled", 500: "Server error", 501: "Not implemented", 503: "Unavailable", 504: "Timed out",
};

function statusText({ status, statusText: reason }) {
  return `${status} ${reason || REASONS[status] || ""}`.trim();
}

/** Class of a status: ok, odd (the caller's fault) or bad. */
function statusWord(status) {
  if (status < 400) return "ok";
  return status < 500 ? "odd" : "bad";
}

function time(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
