/** Catches what a page throws while it is drawn, so that the frame stays. */

import { Component, type ReactNode } from "react";

import { Button } from "@/components/Button";
import { CopyButton } from "@/components/CopyField";
import { EmptyState } from "@/components/layout";
import { useI18n } from "@/i18n/I18nProvider";

export function Crashed({ error }: { error: Error }) {
  const { t } = useI18n();
  return (
    <EmptyState title={t.frame.crashed} text={t.frame.crashedText}>
      <Button kind="primary" onClick={() => window.location.reload()}>
        {t.frame.reload}
      </Button>
      <CopyButton text={error.stack ?? error.message}>{t.common.copyError}</CopyButton>
    </EmptyState>
  );
}

interface State {
  error: Error | null;
}

export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render() {
    return this.state.error === null ? this.props.children : <Crashed error={this.state.error} />;
  }
}
