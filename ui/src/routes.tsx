/** The pages and their addresses. The address is a fragment: the window's page and a server's need no rules for it. */

import { createHashHistory, createRootRoute, createRoute, createRouter, Link, redirect, type RouterHistory } from "@tanstack/react-router";

import { buttonClass } from "@/components/Button";
import { EmptyState } from "@/components/layout";
import { Crashed } from "@/errors/ErrorBoundary";
import { CredentialsPage } from "@/features/credentials/CredentialsPage";
import { CustomerPage } from "@/features/customers/CustomerPage";
import { CustomersPage } from "@/features/customers/CustomersPage";
import { readListSearch } from "@/features/customers/listSearch";
import { RunPage } from "@/features/provisioning/RunPage";
import { readRunSearch } from "@/features/provisioning/runSearch";
import { RunsPage } from "@/features/provisioning/RunsPage";
import { AboutPage } from "@/features/settings/AboutPage";
import { GeneralPage } from "@/features/settings/GeneralPage";
import { SettingsFrame } from "@/features/settings/SettingsFrame";
import { readSettingsPage } from "@/features/settings/settingsPages";
import { ShortcutsPage } from "@/features/settings/ShortcutsPage";
import { WorkspacePage } from "@/features/settings/WorkspacePage";
import { useI18n } from "@/i18n/I18nProvider";
import { AppShell } from "@/shell/AppShell";

function NotFound() {
  const { t } = useI18n();
  return (
    <EmptyState title={t.frame.notFound} text={t.frame.notFoundText}>
      <Link to="/customers" search={{}} className={buttonClass({ kind: "primary" })}>
        {t.frame.toCustomers}
      </Link>
    </EmptyState>
  );
}

const root = createRootRoute({ component: AppShell, notFoundComponent: NotFound });

const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/customers", search: {} });
  },
});

const customers = createRoute({
  getParentRoute: () => root,
  path: "/customers",
  validateSearch: readListSearch,
  component: function CustomersRoute() {
    const search = customers.useSearch();
    const navigate = customers.useNavigate();
    return (
      <CustomersPage
        search={search}
        onSearch={(next, kept = false) => void navigate({ search: next, replace: !kept })}
      />
    );
  },
});

const customer = createRoute({
  getParentRoute: () => root,
  path: "/customers/$customer",
  component: function CustomerRoute() {
    const { customer: id } = customer.useParams();
    return <CustomerPage key={id} id={id} />;
  },
});

const runs = createRoute({
  getParentRoute: () => root,
  path: "/runs",
  validateSearch: readRunSearch,
  component: function RunsRoute() {
    const search = runs.useSearch();
    const navigate = runs.useNavigate();
    return <RunsPage search={search} onSearch={(next, kept = false) => void navigate({ search: next, replace: !kept })} />;
  },
});

const run = createRoute({
  getParentRoute: () => root,
  path: "/runs/$run",
  component: function RunRoute() {
    const { run: id } = run.useParams();
    return <RunPage key={id} id={id} />;
  },
});

const SETTINGS_PAGES = {
  general: GeneralPage,
  credentials: CredentialsPage,
  workspace: WorkspacePage,
  shortcuts: ShortcutsPage,
  about: AboutPage,
};

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings/$page",
  component: function SettingsRoute() {
    const page = readSettingsPage(settings.useParams().page);
    if (page === undefined) return <NotFound />;
    const Page = SETTINGS_PAGES[page];
    return (
      <SettingsFrame page={page}>
        <Page />
      </SettingsFrame>
    );
  },
});

const routeTree = root.addChildren([start, customers, customer, runs, run, settings]);

/** In the window the address is the page's own; a test gives one of its own. */
export function createAppRouter(history: RouterHistory = createHashHistory()) {
  return createRouter({
    routeTree,
    history,
    defaultErrorComponent: ({ error }) => <Crashed error={error instanceof Error ? error : new Error(String(error))} />,
    defaultPreload: false,
    scrollRestoration: false,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
