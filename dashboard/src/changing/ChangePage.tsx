import { useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useClient } from 'urql';
import { give, type CommandName, type Recorded, type Refusal } from '../api/commands';
import type { Json } from '../api/graphql';
import { Button, Card, Facts, Loading, Notice, PageHead } from '../design/basics';
import { TextArea } from '../design/fields';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { useMay } from '../shell/session';
import { signInAddress } from '../shell/signing';
import { useAsOf } from '../api/asOf';
import { actionOf, inputTypeOf, isCommand, streamEvents, versionOf } from './actions';
import { kindsNeeded, FieldControl, FormProvider, RefusalWords } from './FieldControl';
import { nameOf, useChoices } from './choices';
import { BackLink, safeBack } from './BackLink';
import { Conflict, type Meanwhile } from './Conflict';
import { Difference } from './Difference';
import type { Audience } from './DocumentField';
import { flatten } from './flatten';
import { draftKey, dropDraft, keepDraft, readDraft, type Draft } from './draft';
import { Preview } from './Preview';
import { RecordedPage } from './RecordedPage';
import { textOf } from './text';
import { asFields, fieldOrder, inputShape, normalPath, toInput, type Fields } from './value';

/** What the address gives: text, or JSON where the field takes a structure. */
export function givenOf(search: Record<string, string>, names: readonly string[]): Fields {
  const entries = names.flatMap((name) => {
    const text = search[name];
    if (text === undefined) return [];
    if (!/^[[{]/.test(text)) return [[name, text] as const];
    try {
      return [[name, JSON.parse(text) as Json] as const];
    } catch {
      return [[name, text] as const];
    }
  });
  return Object.fromEntries(entries);
}

/** The page of a change: any command that the address names. */
export function ChangePage() {
  const { command } = useParams({ strict: false }) as { command: string };
  const search = useSearch({ strict: false }) as Record<string, string>;
  const { t } = useWords();
  if (!isCommand(command)) {
    return (
      <>
        <PageHead title={t('change.unknown')} />
        <Notice tone="warn">
          <p>{t('notFound.help')}</p>
        </Notice>
      </>
    );
  }
  // Another command, or another subject of it, is another form.
  return <Change key={JSON.stringify([command, search])} command={command} search={search} />;
}

function Change({ command, search }: { command: CommandName; search: Record<string, string> }) {
  const client = useClient();
  const { t, command: commandWords } = useWords();
  const action = actionOf(command);
  const type = inputTypeOf(command);
  const shape = inputShape(type);
  const given = useMemo(() => givenOf(search, Object.keys(shape.fields)), [search, shape]);
  const key = draftKey(command, given);
  const [draft, setDraft] = useState<Draft | null>(() => readDraft(key));
  const [found] = useState(draft !== null);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    if (draft) return;
    let stale = false;
    const begin = async () => {
      const stream = action.stream?.(given) ?? null;
      // The version first: what changes in between is then a conflict and not overwritten.
      const version = stream ? await versionOf(client, stream) : null;
      const base = action.current ? await action.current(client, given) : null;
      if (stale) return;
      if (action.current && base === null) {
        setFailed(true);
        return;
      }
      setDraft({
        value: base ?? action.initial ?? {},
        reason: '',
        commandId: crypto.randomUUID(),
        base,
        version,
      });
    };
    void begin();
    return () => {
      stale = true;
    };
  }, [client, action, given, draft]);

  if (failed) {
    return (
      <>
        <PageHead title={commandWords(command)} />
        <Notice tone="warn" role="alert">
          <p>{t('notShown')}</p>
        </Notice>
      </>
    );
  }
  if (!draft) return <Loading />;
  return (
    <ChangeForm
      command={command}
      given={given}
      draft={draft}
      restored={found}
      draftName={key}
      back={safeBack(search.back)}
      again={() => {
        dropDraft(key);
        setDraft(null);
      }}
    />
  );
}

interface ChangeFormProps {
  command: CommandName;
  given: Fields;
  draft: Draft;
  restored: boolean;
  draftName: string;
  back: string;
  again: () => void;
}

function ChangeForm(props: ChangeFormProps) {
  const { command, given, draftName, back } = props;
  const client = useClient();
  const words = useWords();
  const { t, field, command: commandWords } = words;
  const { date } = useFormat();
  const may = useMay();
  const past = useAsOf() !== undefined;
  const action = actionOf(command);
  const type = inputTypeOf(command);
  const shape = inputShape(type);
  const [draft, setDraft] = useState(props.draft);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [meanwhile, setMeanwhile] = useState<Meanwhile | null>(null);
  const [trouble, setTrouble] = useState<'signedOut' | 'unknown' | null>(null);
  const [busy, setBusy] = useState(false);
  const [recorded, setRecorded] = useState<Recorded | null>(null);
  const summary = useRef<HTMLDivElement>(null);
  const choices = useChoices(kindsNeeded(type));
  const touched = useRef(false);

  useEffect(() => {
    if (touched.current && !recorded) keepDraft(draftName, draft);
  }, [draft, draftName, recorded]);

  const change = (next: Partial<Draft>) => {
    touched.current = true;
    setDraft((old) => ({ ...old, ...next }));
  };

  const names = fieldOrder(shape).filter(
    (name) => given[name] === undefined && !action.hide?.includes(name),
  );
  const whole = toInput({ ...draft.value, ...given }, { kind: 'object', type, required: true });
  const input = asFields(whole);
  const own = Object.fromEntries(Object.entries(input).filter(([name]) => names.includes(name)));
  const baseInput =
    draft.base === null
      ? null
      : asFields(toInput(draft.base, { kind: 'object', type, required: true }));
  const baseOwn =
    baseInput === null
      ? null
      : Object.fromEntries(Object.entries(baseInput).filter(([name]) => names.includes(name)));

  const organisation = [given.member, given.organisation, input.member, input.organisation].find(
    (each): each is string => typeof each === 'string',
  );
  const audience: Audience =
    action.audience === undefined
      ? organisation
        ? { audience: 'ORGANISATION', organisation }
        : { audience: 'OPERATOR' }
      : { audience: action.audience, ...(organisation ? { organisation } : {}) };

  const submit = async () => {
    if (busy) return;
    setBusy(true);
    setRefusals([]);
    setMeanwhile(null);
    setTrouble(null);
    // Kept before it is sent: whatever happens, what was typed is there, and under the same id.
    keepDraft(draftName, draft);
    const outcome = await give(client, command, {
      input,
      commandId: draft.commandId,
      expectedVersion: draft.version,
      reason: draft.reason,
    });
    setBusy(false);
    switch (outcome.kind) {
      case 'recorded':
        dropDraft(draftName);
        setRecorded(outcome.recorded);
        return;
      case 'signedOut':
      case 'unknown':
        setTrouble(outcome.kind);
        break;
      case 'refused': {
        const conflict = outcome.refusals.some((each) => each.code === 'VERSION_CONFLICT');
        const stream = action.stream?.({ ...input }) ?? null;
        if (conflict && stream) {
          const version = await versionOf(client, stream);
          const events = await streamEvents(client, stream);
          const theirs = action.current ? await action.current(client, given) : null;
          setMeanwhile({
            version,
            theirs,
            events: events.filter((each) => each.streamVersion >= (draft.version ?? 0)),
          });
        }
        setRefusals(outcome.refusals);
        break;
      }
    }
    requestAnimationFrame(() => summary.current?.focus());
  };

  if (recorded) {
    return <RecordedPage command={command} recorded={recorded} back={back} />;
  }
  const title = commandWords(command);
  const subject = Object.entries(given).map(([name, value]) => {
    const named = nameOf(choices, name, value);
    const text = Array.isArray(value)
      ? value.map((each) => nameOf(choices, name, each) ?? textOf(each, words)).join(', ')
      : (named ?? textOf(value, words));
    return [field(name), text] as const;
  });
  const display = (step: string | number | undefined, value: Json) =>
    Array.isArray(value)
      ? value.map((each) => nameOf(choices, step, each) ?? textOf(each, words)).join(', ')
      : (nameOf(choices, step, value) ??
        (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? date(value) : undefined));
  const atFields = new Set(names);
  const elsewhere = refusals.filter(
    (each) => !each.field || !atFields.has(normalPath(each.field).split('.')[0] ?? ''),
  );
  return (
    <>
      <PageHead
        crumbs={<BackLink to={back} />}
        title={title}
        lead={<span>{t('change.lead')}</span>}
      />
      {past && (
        <Notice tone="warn" role="alert">
          <p>{t('change.past')}</p>
        </Notice>
      )}
      {!past && !may(command) && (
        <Notice tone="warn" role="alert">
          <p>{t('change.notAllowed')}</p>
        </Notice>
      )}
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {props.restored && (
          <Notice title={t('draft.restored')}>
            <p>{t('draft.help')}</p>
            <Button compact onPress={props.again}>
              {t('draft.drop')}
            </Button>
          </Notice>
        )}
        <div ref={summary} tabIndex={-1}>
          {(refusals.length > 0 || trouble) && (
            <Notice tone="bad" role="alert" title={t('change.refused')}>
              {trouble === 'signedOut' && (
                <p>
                  {t('signedOut.help')} <a href={signInAddress()}>{t('signIn')}</a>
                </p>
              )}
              {trouble === 'unknown' && <p>{t('change.unknownOutcome')}</p>}
              {elsewhere.map((each) => (
                <p key={`${each.code} ${each.field}`}>
                  <RefusalWords of={each} />
                </p>
              ))}
              {refusals.length > elsewhere.length && (
                <ul>
                  {refusals
                    .filter((each) => !elsewhere.includes(each))
                    .map((each) => (
                      <li key={`${each.code} ${each.field}`}>
                        {field(
                          normalPath(each.field ?? '')
                            .split('.')
                            .at(-1) ?? '',
                        )}
                        : <RefusalWords of={each} />
                      </li>
                    ))}
                </ul>
              )}
            </Notice>
          )}
        </div>
        {meanwhile && (
          <Conflict
            base={baseOwn}
            mine={own}
            meanwhile={meanwhile}
            display={display}
            resolve={(value) => {
              change({
                value: value ?? draft.value,
                base: meanwhile.theirs ?? draft.base,
                version: meanwhile.version,
                // It was refused, so nothing holds this id: the mended command has its own.
                commandId: crypto.randomUUID(),
              });
              setMeanwhile(null);
              setRefusals([]);
            }}
          />
        )}
        {subject.length > 0 && (
          <Card title={t('change.subject')}>
            <Facts of={subject} />
          </Card>
        )}
        {names.length > 0 && (
          <Card title={t('change.fields')}>
            <FormProvider value={{ choices, refusals, audience, only: action.only }}>
              <div className="stack">
                {names.map((name) => {
                  const inside = shape.fields[name];
                  if (!inside) return null;
                  return (
                    <FieldControl
                      key={name}
                      name={name}
                      within={type}
                      path={name}
                      shape={inside}
                      value={draft.value[name]}
                      onChange={(next) => {
                        const value = { ...draft.value };
                        if (next === undefined) delete value[name];
                        else value[name] = next;
                        change({ value });
                      }}
                    />
                  );
                })}
              </div>
            </FormProvider>
          </Card>
        )}
        <Preview command={command} given={given} value={draft.value} />
        <Card title={t('change.difference')}>
          {flatten(own).length === 0 && !draft.base ? (
            <p>{names.length === 0 ? t('change.noFields') : t('change.nothingYet')}</p>
          ) : (
            <Difference before={baseOwn ?? undefined} after={own} display={display} />
          )}
        </Card>
        <Card title={t('change.reason')}>
          <TextArea
            label={t('change.reasonLabel')}
            help={t('change.reasonHelp')}
            value={draft.reason}
            onChange={(reason) => change({ reason })}
            rows={2}
          />
        </Card>
        <div className="row">
          <Button
            kind="primary"
            danger={action.danger}
            type="submit"
            isDisabled={past || !may(command)}
            isPending={busy}
          >
            {busy ? t('change.sending') : title}
          </Button>
          <BackLink to={back} button />
        </div>
      </form>
    </>
  );
}
