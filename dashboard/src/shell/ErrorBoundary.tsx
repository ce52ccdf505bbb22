import { Component, type ReactNode } from 'react';
import i18next from 'i18next';

/** Shows that a page broke, and the way on; what was typed stays in the browser's store. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return <BrokenPage />;
  }
}

export function BrokenPage() {
  const { t } = i18next;
  return (
    <div className="notice bad" role="alert">
      <h1>{t('broken.title')}</h1>
      <p>{t('broken.help')}</p>
      <p>
        <button type="button" className="button" onClick={() => window.location.reload()}>
          {t('broken.reload')}
        </button>
      </p>
    </div>
  );
}
