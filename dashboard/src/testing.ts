import { afterEach } from 'vitest';

// Only tests of what is drawn have a document; most need none and start quicker without.
if (typeof document !== 'undefined') {
  const { cleanup } = await import('@testing-library/react');
  afterEach(() => {
    cleanup();
    window.sessionStorage.clear();
    window.localStorage.clear();
  });
}
