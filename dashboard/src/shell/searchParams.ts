import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

/** What the address asks for, as text. */
export function useSearchText(): Readonly<Record<string, string | undefined>> {
  return useSearch({ strict: false }) as Record<string, string | undefined>;
}

/** Changes what the address asks for, without a step in the history for each letter. */
export function useChangeSearch() {
  const navigate = useNavigate();
  return useCallback(
    (next: Record<string, string | undefined>) =>
      void navigate({
        to: '.',
        replace: true,
        search: ((old: Record<string, unknown>) => ({
          ...old,
          page: undefined,
          ...Object.fromEntries(
            Object.entries(next).map(([key, value]) => [key, value || undefined]),
          ),
        })) as never,
      }),
    [navigate],
  );
}
