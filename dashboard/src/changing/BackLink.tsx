import { Link } from '@tanstack/react-router';
import { useWords } from '../i18n/useWords';

/** Only a path of this site is gone back to. */
export function safeBack(back: string | undefined): string {
  return back && /^\/(?![/\\])/.test(back) ? back : '/';
}

export function BackLink({ to, button }: { to: string; button?: boolean }) {
  const { t } = useWords();
  const [path = '/', query] = to.split('?');
  return (
    <Link
      to={path}
      search={Object.fromEntries(new URLSearchParams(query)) as never}
      className={button ? 'button' : undefined}
    >
      {button ? t('change.cancel') : t('change.back')}
    </Link>
  );
}
