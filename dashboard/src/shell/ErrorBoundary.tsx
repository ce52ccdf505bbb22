import { Component, type ReactNode } from 'react';
import i18next from 'i18next';

interface Props {
  children: ReactNode;
  /** Which page it is: another one is tried anew. */
  page?: string;
}

/** Shows that a page broke, and the way on; what was typed stays in the browser's store. */
export class ErrorBoundary extends Component<Props, { broken: boolean; page?: string }> {
  override state: { broken: boolean; page?: string } = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  static getDerivedStateFromProps(props: Props, state: { page?: string }) {
    return props.page === state.page ? null : { broken: false, page: props.page };
  }

  override render() {
    return this.state.broken ? <BrokenPage /> : this.props.children;
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
