/** What one is led to a customer's page to do: the page does it, where what is in the way and the choices are shown. */
export type CustomerAct = "provision" | "plan";
