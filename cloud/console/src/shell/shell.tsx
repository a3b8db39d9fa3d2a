import { Link, Outlet } from '@tanstack/react-router';
import { useLive } from '../data/live.tsx';
import { Mark } from '../parts/icons.tsx';
import { LiveBanner } from './live-banner.tsx';
import { LiveLight } from './live-light.tsx';
import { Navigation } from './navigation.tsx';
import { SchemeSwitch } from './scheme-switch.tsx';
import styles from './shell.module.css';
import { WhoAmI } from './who-am-i.tsx';

/** What stands around every page: navigation at the side (on top where it is narrow), the state of the connection. */
export function Shell() {
  const { phase } = useLive();
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        Skip to the page
      </a>
      <header className={styles.side}>
        <Link to="/" className={styles.brand}>
          <Mark />
          Pomona
        </Link>
        <Navigation />
        <WhoAmI />
        <div className={styles.foot}>
          <LiveLight />
          <SchemeSwitch />
        </div>
      </header>
      <div className={styles.body}>
        <LiveBanner />
        <main id="main" tabIndex={-1} className={styles.main} data-stale={phase === 'lost' || undefined}>
          <Outlet />
        </main>
      </div>
    </div>
  );
}
