import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { Autocomplete } from 'react-aria-components/Autocomplete';
import { Dialog } from 'react-aria-components/Dialog';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem, ListBoxSection } from 'react-aria-components/ListBox';
import { Header } from 'react-aria-components/Header';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { SearchField } from 'react-aria-components/SearchField';
import { useQuery } from 'urql';
import { graphql } from '../api/graphql';
import { useAsOf } from '../api/asOf';
import { bare, integrationName } from '../api/names';
import { useWords } from '../i18n/useWords';
import { sectionsFor } from './navigation';
import { useSession } from './session';

const SEARCH = graphql(`
  query Search($search: String!, $asOf: AsOfInput) {
    network(asOf: $asOf) {
      id
      members(search: $search, first: 8) {
        totalCount
        nodes {
          id
          businessId
          name {
            fi
            sv
            en
          }
          organisation {
            oid
          }
        }
      }
      integrations(search: $search, first: 8) {
        totalCount
        nodes {
          id
          type
          flowName
          peerName
          environment
          organisation {
            oid
            name {
              fi
              sv
              en
            }
          }
        }
      }
      services(search: $search, first: 8) {
        totalCount
        nodes {
          id
          name {
            fi
            sv
            en
          }
          organisation {
            oid
          }
        }
      }
      organisations(search: $search, first: 8) {
        totalCount
        nodes {
          id
          oid
          businessId
          schoolCode
          name {
            fi
            sv
            en
          }
        }
      }
    }
  }
`);

interface Hit {
  to: string;
  name: string;
  hint: string;
}
interface Group {
  title: string;
  hits: Hit[];
}

/** Waits until somebody has stopped typing. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 180);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

/** What is found, by kind. */
export function useSearchGroups(text: string): { groups: Group[]; busy: boolean } {
  const { t, name, value } = useWords();
  const asOf = useAsOf();
  const wanted = text.trim();
  const [result] = useQuery({
    query: SEARCH,
    variables: { search: wanted, asOf },
    pause: wanted.length < 2,
  });
  const network = wanted.length < 2 ? undefined : result.data?.network;
  const groups = useMemo(() => {
    if (!network) return [];
    const found: Group[] = [
      {
        title: t('nav.members'),
        hits: network.members.nodes.map((node) => ({
          to: `/members/${node.organisation.oid}`,
          name: name(node.name, node.organisation.oid),
          hint: [node.businessId, node.organisation.oid].filter(Boolean).join(' · '),
        })),
      },
      {
        title: t('nav.services'),
        hits: network.services.nodes.map((node) => ({
          to: `/services/${bare(node.id)}`,
          name: name(node.name),
          hint: node.organisation?.oid ?? '',
        })),
      },
      {
        title: t('nav.integrations'),
        hits: network.integrations.nodes.map((node) => ({
          to: `/integrations/${bare(node.id)}`,
          name: integrationName(node),
          hint: [value(node.environment), name(node.organisation.name, node.organisation.oid)].join(
            ' · ',
          ),
        })),
      },
      {
        title: t('nav.organisations'),
        hits: network.organisations.nodes.map((node) => ({
          to: `/organisations/${node.oid}`,
          name: name(node.name, node.oid),
          hint: [node.schoolCode, node.businessId, node.oid].filter(Boolean).join(' · '),
        })),
      },
    ];
    return found.filter((group) => group.hits.length > 0);
  }, [network, t, name, value]);
  return { groups, busy: result.fetching };
}

/** The command palette: pages, and everything that has a name or a number. */
export function Palette({
  isOpen,
  onOpenChange,
}: {
  isOpen: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const { t } = useWords();
  return (
    <ModalOverlay className="overlay" isOpen={isOpen} onOpenChange={onOpenChange} isDismissable>
      <Modal className="dialog">
        <Dialog aria-label={t('search.open')}>
          <PaletteContent close={() => onOpenChange(false)} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function PaletteContent({ close }: { close: () => void }) {
  const { t } = useWords();
  const session = useSession();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const { groups, busy } = useSearchGroups(useSettled(text));
  const wanted = text.trim().toLocaleLowerCase();
  const pages: Hit[] = sectionsFor(session)
    .flatMap((section) => section.places)
    .map((place) => ({ to: place.to, name: t(place.word), hint: t('search.page') }))
    .filter((hit) => hit.name.toLocaleLowerCase().includes(wanted));
  const all = [...groups, { title: t('search.pages'), hits: pages }].filter(
    (group) => group.hits.length > 0,
  );
  const go = (to: string) => {
    close();
    void navigate({
      to,
      search: ((old: Record<string, unknown>) =>
        old.asOf === undefined ? {} : { asOf: old.asOf }) as never,
    });
  };
  return (
    <Autocomplete inputValue={text} onInputChange={setText}>
      <SearchField className="field" autoFocus aria-label={t('search.label')}>
        <Label>{t('search.label')}</Label>
        <Input className="input" placeholder={t('search.placeholder')} />
      </SearchField>
      <p className="unseen" role="status">
        {busy ? t('loading') : ''}
      </p>
      <ListBox
        aria-label={t('search.results')}
        className="options"
        selectionMode="none"
        onAction={(key) => go(String(key).replace(/^[^ ]* /, ''))}
        renderEmptyState={() => <p className="quiet option">{t('search.nothing')}</p>}
      >
        {all.map((group) => (
          <ListBoxSection key={group.title} id={group.title}>
            <Header className="quiet small">{group.title}</Header>
            {group.hits.map((hit) => (
              <ListBoxItem
                key={hit.to}
                id={`${group.title.replaceAll(' ', '')} ${hit.to}`}
                textValue={hit.name}
                className="option"
              >
                {hit.name}
                <span className="quiet">{hit.hint}</span>
              </ListBoxItem>
            ))}
          </ListBoxSection>
        ))}
      </ListBox>
    </Autocomplete>
  );
}
