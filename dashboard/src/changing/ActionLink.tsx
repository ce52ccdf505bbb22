import { Link, useLocation } from '@tanstack/react-router';
import type { CommandName } from '../api/commands';
import type { Json } from '../api/graphql';
import { useWords } from '../i18n/useWords';
import { useMay } from '../shell/session';

/** What a command is given by the page it is offered on. */
export type GivenFields = Readonly<Record<string, Json | undefined>>;

/** The search of the address of a change: each given field, and where to come back to. */
export function changeSearch(given: GivenFields, back: string): Record<string, string> {
  const entries = Object.entries(given).flatMap(([name, value]) =>
    value === undefined || value === null
      ? []
      : [[name, typeof value === 'string' ? value : JSON.stringify(value)] as const],
  );
  return { ...Object.fromEntries(entries), back };
}

interface ActionLinkProps {
  command: CommandName;
  given?: GivenFields;
  /** The organisation that the command is for; undefined asks whether the right is held at all. */
  organisation?: string | null;
  primary?: boolean;
  danger?: boolean;
  compact?: boolean;
  /** Other words than the command's own. */
  children?: string;
  /** What tells it from others of its name, for those who hear the page. */
  about?: string;
}

/** Offers a change to those who may make it; nothing is shown to others, or of the past. */
export function ActionLink(props: ActionLinkProps) {
  const { command: commandWords } = useWords();
  const may = useMay();
  const here = useLocation();
  if (!may(props.command, props.organisation)) return null;
  const classes = ['button', props.primary && 'primary', props.danger && 'danger'];
  if (props.compact) classes.push('compact');
  return (
    <Link
      to="/change/$command"
      params={{ command: props.command }}
      search={changeSearch(props.given ?? {}, here.href) as never}
      className={classes.filter(Boolean).join(' ')}
    >
      {props.children ?? commandWords(props.command)}
      {props.about && <span className="unseen">: {props.about}</span>}
    </Link>
  );
}
