import type { ReactNode } from 'react';
import type { CommandName } from '../api/commands';
import type { List } from '../api/list';
import { ActionLink } from '../changing/ActionLink';
import { Badge, Card, Empty, Facts, Loading } from '../design/basics';
import { Failure } from '../design/Failure';
import { useWords } from '../i18n/useWords';

/** A case of a register, as its card shows it. */
export interface Case {
  id: string;
  title: string;
  open: boolean;
  facts: readonly (readonly [string, ReactNode])[];
  /** The organisation whose people may act in it. */
  organisation?: string;
  inside?: ReactNode;
}

/** The cases of a register, the open ones first, each with what can be done in it. */
export function RegisterCases<Node>({
  list,
  caseOf,
  next,
  field,
}: {
  list: List<Node>;
  caseOf: (node: Node) => Case;
  next: readonly CommandName[];
  /** The field of those commands that names the case. */
  field: string;
}) {
  const { t } = useWords();
  if (list.error) return <Failure error={list.error} again={list.again} />;
  if (list.loading && list.rows.length === 0) return <Loading />;
  const cases = list.rows.map(caseOf).sort((a, b) => Number(b.open) - Number(a.open));
  if (cases.length === 0) {
    return (
      <Card>
        <Empty>{t('operations.none')}</Empty>
      </Card>
    );
  }
  return (
    <div className="stack">
      {cases.map((each) => (
        <Card
          key={each.id}
          title={each.title}
          actions={
            <>
              <Badge tone={each.open ? 'warn' : 'good'}>
                {each.open ? t('open') : t('operations.closed')}
              </Badge>
              {each.open &&
                next.map((command) => (
                  <ActionLink
                    key={command}
                    compact
                    command={command}
                    given={{ [field]: each.id }}
                    organisation={each.organisation}
                    about={each.title}
                  />
                ))}
            </>
          }
        >
          <Facts of={each.facts} />
          {each.inside}
        </Card>
      ))}
    </div>
  );
}
