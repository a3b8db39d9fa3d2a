import { Link } from '@tanstack/react-router';
import { Notice } from '../parts/notice.tsx';
import { Page } from './page.tsx';

export function NotFoundPage() {
  return (
    <Page title="No such page">
      <Notice tone="calm" title="Nothing stands at this address.">
        <Link to="/">Go to the overview</Link>
      </Notice>
    </Page>
  );
}
