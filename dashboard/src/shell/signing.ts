/** Where signing in begins; it comes back to this page. */
export function signInAddress(): string {
  const here = window.location.pathname + window.location.search;
  return `/sign-in?return=${encodeURIComponent(here)}`;
}

/** Ends the session, forgets what was typed, and shows the entrance. */
export async function signOut() {
  await fetch('/sign-out', { method: 'POST', credentials: 'same-origin' });
  window.sessionStorage.clear();
  window.location.assign('/');
}
