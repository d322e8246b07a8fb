/** The pages and their addresses. The address is a fragment: the window's page and a server's need no rules for it. */

import { createRootRoute, createRoute, createRouter, Link, Navigate, Outlet, redirect, type RouterHistory } from "@tanstack/react-router";
import { lazy, Suspense } from "react";

import { useOverview } from "@/backend/queries";
import { buttonClass } from "@/components/Button";
import type { CustomerAct } from "@/components/customerAct";
import { EmptyState, HeaderTitle, PageHeader, Skeleton } from "@/components/layout";
import { Crashed, ErrorBoundary } from "@/errors/ErrorBoundary";
import { AccountList } from "@/features/credentials/AccountList";
import { CredentialsPage } from "@/features/credentials/CredentialsPage";
import { BlockedDialog } from "@/features/customers/BlockedDialog";
import { CustomerPage } from "@/features/customers/CustomerPage";
import { readCustomerSearch } from "@/features/customers/customerSearch";
import { CustomersPage } from "@/features/customers/CustomersPage";
import { FirstCustomerForm } from "@/features/customers/FirstCustomerForm";
import { OnFailureChoice, useOnFailure } from "@/features/customers/OnFailureChoice";
import { RequestDialog } from "@/features/customers/RequestDialog";
import { readListSearch } from "@/features/customers/listSearch";
import { useProvision } from "@/features/customers/useProvision";
import { FirstRunPage } from "@/features/firstRun/FirstRunPage";
import { readGuideSearch } from "@/features/firstRun/guide";
import { GuideSkeleton } from "@/features/firstRun/GuideFrame";
import { isFirstRun, isSeen, markSeen } from "@/features/firstRun/seen";
import { RunPage } from "@/features/provisioning/RunPage";
import { readRunSearch } from "@/features/provisioning/runSearch";
import { RunsPage } from "@/features/provisioning/RunsPage";
import { readInboxSearch } from "@/features/requests/inboxSearch";
import { RequestsPage } from "@/features/requests/RequestsPage";
import { AboutPage } from "@/features/settings/AboutPage";
import { BlueprintsPage } from "@/features/settings/BlueprintsPage";
import { GeneralPage } from "@/features/settings/GeneralPage";
import { MailPage, ProvidersPage } from "@/features/settings/SettingGroups";
import { SettingsFrame } from "@/features/settings/SettingsFrame";
import { readSettingsPage } from "@/features/settings/settingsPages";
import { ShortcutsPage } from "@/features/settings/ShortcutsPage";
import { WorkspacesPage } from "@/features/settings/WorkspacesPage";
import { useI18n } from "@/i18n/I18nProvider";
import { AppShell, OfflineBar } from "@/shell/AppShell";
import { AppWindow } from "@/shell/AppWindow";
import { TroubleBar } from "@/shell/TroubleBar";

import { createWindowHistory } from "./windowHistory";

function NotFound() {
  const { t } = useI18n();
  return (
    <>
      <PageHeader title={t.frame.notFound}>
        <HeaderTitle>{t.frame.notFound}</HeaderTitle>
      </PageHeader>
      <EmptyState title={t.frame.notFound} text={t.frame.notFoundText}>
        <Link to="/customers" search={{}} className={buttonClass({ kind: "primary" })}>
          {t.frame.toCustomers}
        </Link>
      </EmptyState>
    </>
  );
}

const top = createRootRoute({
  component: () => (
    <>
      <Outlet />
      <AppWindow />
    </>
  ),
  notFoundComponent: () => (
    <AppShell>
      <NotFound />
    </AppShell>
  ),
});

/** Everything but the guide stands in the frame. */
const root = createRoute({ getParentRoute: () => top, id: "frame", component: () => <AppShell /> });

/** A first start begins with the guide; who has seen it doesn't wait for the answer whether it is one. */
const start = createRoute({
  getParentRoute: () => top,
  path: "/",
  beforeLoad: () => {
    if (isSeen()) throw redirect({ to: "/customers", search: {} });
  },
  component: function Start() {
    const { data: overview, isError } = useOverview();
    // At the first start of all the answer waits until the sandbox has begun.
    if (overview === undefined && !isError) return <GuideSkeleton />;
    return overview !== undefined && isFirstRun(overview) ? (
      <Navigate to="/first-run" search={{}} replace />
    ) : (
      <Navigate to="/customers" search={{}} replace />
    );
  },
});

const firstRun = createRoute({
  getParentRoute: () => top,
  path: "/first-run",
  validateSearch: readGuideSearch,
  component: function FirstRunRoute() {
    const search = firstRun.useSearch();
    const navigate = firstRun.useNavigate();
    return (
      <div className="flex h-full flex-col">
        <OfflineBar />
        <TroubleBar />
        <ErrorBoundary>
          <FirstRunPage
            search={search}
            onSearch={(next) => void navigate({ search: next })}
            onSkip={() => {
              markSeen();
              void navigate({ to: "/customers", search: {} });
            }}
            credentials={<AccountList />}
            firstCustomer={(given) => <FirstCustomerForm key={given.blueprint.name} {...given} onAdded={markSeen} />}
          />
        </ErrorBoundary>
      </div>
    );
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
        onSearch={(next, kept = false) => void navigate({ search: next, replace: !kept, ignoreBlocker: true })}
      />
    );
  },
});

const customer = createRoute({
  getParentRoute: () => root,
  path: "/customers/$customer",
  validateSearch: readCustomerSearch,
  component: function CustomerRoute() {
    const { customer: id } = customer.useParams();
    const search = customer.useSearch();
    const navigate = customer.useNavigate();
    return <CustomerPage key={id} id={id} search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
  },
});

const requests = createRoute({
  getParentRoute: () => root,
  path: "/requests",
  validateSearch: readInboxSearch,
  component: function RequestsRoute() {
    const search = requests.useSearch();
    const navigate = requests.useNavigate();
    const [onFailure] = useOnFailure();
    return (
      <RequestsPage
        search={search}
        onSearch={(next) => void navigate({ search: next, replace: true, ignoreBlocker: true })}
        onFailure={onFailure}
        onFailureChoice={<OnFailureChoice />}
        form={(request, onDone) => <RequestDialog request={request} onAdded={onDone} onClose={() => onDone()} />}
      />
    );
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

/** A run, and what stands in the way of another that is begun there. */
function RunScreen({ id }: { id: string }) {
  const provisioning = useProvision();
  return (
    <>
      <RunPage id={id} newRuns={provisioning} />
      <BlockedDialog provisioning={provisioning} />
    </>
  );
}

const run = createRoute({
  getParentRoute: () => root,
  path: "/runs/$run",
  component: function RunRoute() {
    const { run: id } = run.useParams();
    // Whoever has gone on to another run is not pulled away from it.
    return <RunScreen key={id} id={id} />;
  },
});

/** Nothing of the start's: the editor is loaded when it is opened. */
const BlueprintEditorPage = lazy(async () => {
  const { BlueprintEditorPage: Page } = await import("@/features/blueprints/BlueprintEditorPage");
  return { default: Page };
});

const blueprint = createRoute({
  getParentRoute: () => root,
  path: "/blueprints/$name",
  component: function BlueprintRoute() {
    const { name } = blueprint.useParams();
    return (
      <Suspense fallback={<Skeleton className="m-6 h-40" />}>
        <BlueprintEditorPage key={name} name={name} />
      </Suspense>
    );
  },
});

const SETTINGS_PAGES = {
  general: GeneralPage,
  credentials: CredentialsPage,
  providers: ProvidersPage,
  blueprints: BlueprintsPage,
  mail: MailPage,
  workspaces: WorkspacesPage,
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

const routeTree = top.addChildren([start, firstRun, root.addChildren([customers, customer, requests, runs, run, blueprint, settings])]);

/** In the window the address is the page's own; a test gives one of its own. */
export function createAppRouter(history: RouterHistory = createWindowHistory()) {
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
  interface HistoryState {
    /** What the palette leads to a customer's page to do. */
    act?: CustomerAct;
  }
}
