import { useEffect, useRef, type ReactNode } from 'react';
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
} from 'react-aria-components/Button';
import { useWords } from '../i18n/useWords';
import { focus } from '../shell/focus';

export type Tone = 'good' | 'warn' | 'bad' | 'accent' | 'plain';

interface ButtonProps extends AriaButtonProps {
  kind?: 'primary' | 'plain';
  danger?: boolean;
  compact?: boolean;
}

export function Button({ kind, danger, compact, className, ...props }: ButtonProps) {
  const classes = ['button', kind, danger && 'danger', compact && 'compact', className];
  return <AriaButton {...props} className={classes.filter(Boolean).join(' ')} />;
}

export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`badge ${tone}`}>{children}</span>;
}

const TONES: Record<string, Tone> = {
  IN_FORCE: 'good',
  ACTIVE: 'good',
  ACCEPTED: 'good',
  APPROVED: 'good',
  PUBLISHED: 'good',
  ENDING: 'warn',
  SUBMITTED: 'accent',
  APPLIED: 'accent',
  AWAITING_MEMBER: 'accent',
  AWAITING_OPERATOR: 'accent',
  CONTRACT_DRAFTED: 'accent',
  PROPOSED: 'accent',
  ANNOUNCED: 'accent',
  TO_START: 'accent',
  SUSPENDED: 'bad',
  REFUSED: 'bad',
  REJECTED: 'bad',
  WRONG: 'bad',
  DUE: 'warn',
  CORRECTIONS_ASKED: 'warn',
  SUCCEEDED: 'good',
};

/** A state, in words and with a colour; never by the colour alone. */
export function State({ of }: { of: string | null | undefined }) {
  const { value } = useWords();
  return <Badge tone={TONES[of ?? ''] ?? 'plain'}>{value(of)}</Badge>;
}

export function Notice({
  tone = 'accent',
  title,
  children,
  role,
}: {
  tone?: Tone;
  title?: string;
  children?: ReactNode;
  role?: 'alert' | 'status';
}) {
  return (
    <div className={`notice ${tone}`} role={role}>
      {title && (
        <p>
          <strong>{title}</strong>
        </p>
      )}
      {children}
    </div>
  );
}

export function Card({
  title,
  actions,
  children,
  id,
}: {
  title?: string;
  actions?: ReactNode;
  children: ReactNode;
  id?: string;
}) {
  return (
    <section className="card" aria-labelledby={title && id ? `${id}-title` : undefined} id={id}>
      {(title || actions) && (
        <div className="head">
          {title && <h2 id={id && `${id}-title`}>{title}</h2>}
          {actions && <div className="row">{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

/** Names with their values. What is empty is left out. */
export function Facts({ of }: { of: readonly (readonly [string, ReactNode])[] }) {
  const shown = of.filter(
    ([, value]) => value !== null && value !== undefined && value !== '' && value !== false,
  );
  return (
    <div className="facts-frame">
      <dl className="facts">
        {shown.map(([name, value]) => (
          <FactRow key={name} name={name} value={value} />
        ))}
      </dl>
    </div>
  );
}

function FactRow({ name, value }: { name: string; value: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return (
    <div className="empty">
      <p>{children}</p>
    </div>
  );
}

export function Loading() {
  const { t } = useWords();
  return (
    <p role="status" className="quiet">
      {t('loading')}
    </p>
  );
}

/** A page's head. The title takes the focus when the page opens, for those who hear it. */
export function PageHead({
  title,
  lead,
  actions,
  crumbs,
}: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  crumbs?: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (focus.take()) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <>
      <title>{`${title} – trustnet`}</title>
      {crumbs && <div className="crumbs">{crumbs}</div>}
      <div className="page-head">
        <div>
          <h1 tabIndex={-1} ref={heading}>
            {title}
          </h1>
          {lead && <div className="lead">{lead}</div>}
        </div>
        {actions && <div className="row">{actions}</div>}
      </div>
    </>
  );
}
