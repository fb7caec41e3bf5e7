<?php

namespace WhmcsDouble;

use InvalidArgumentException;
use WHMCS\Billing\Invoice;
use WHMCS\Database\Capsule;

/**
 * What the billing pages do to an invoice, with the hooks of it in WHMCS's order.
 */
final class Invoices
{
    public static function change(int $id, string $to): bool
    {
        $invoice = Capsule::table('tblinvoices')->where('id', $id)->first();
        if ($invoice === null) {
            throw new InvalidArgumentException("no invoice $id");
        }
        $now = date('Y-m-d H:i:s');
        switch ($to) {
            case 'Paid':
                self::transaction($invoice, ['amountin' => $invoice->total]);
                Hooks::run('AddInvoicePayment', ['invoiceid' => $id]);
                self::update($id, ['status' => 'Paid', 'datepaid' => $now]);
                Hooks::run('InvoicePaidPreEmail', ['invoiceid' => $id]);
                Hooks::run('InvoicePaid', ['invoiceid' => $id, 'invoice' => Invoice::find($id)]);
                break;
            case 'Refunded':
                self::transaction($invoice, ['amountout' => $invoice->total]);
                self::update($id, ['status' => 'Refunded', 'date_refunded' => $now]);
                Hooks::run('InvoiceRefunded', ['invoiceid' => $id]);
                break;
            case 'Unpaid':
                self::update($id, ['status' => 'Unpaid', 'datepaid' => Seed::ZERO]);
                Hooks::run('InvoiceUnpaid', ['invoiceid' => $id]);
                break;
            case 'Cancelled':
                self::update($id, ['status' => 'Cancelled', 'date_cancelled' => $now]);
                Hooks::run('InvoiceCancelled', ['invoiceid' => $id]);
                break;
            default:
                throw new InvalidArgumentException("an invoice does not become $to");
        }
        return true;
    }

    /** @param array<string, mixed> $amount */
    private static function transaction(object $invoice, array $amount): void
    {
        Capsule::table('tblaccounts')->insert($amount + [
            'userid' => $invoice->userid, 'currency' => 0, 'gateway' => $invoice->paymentmethod,
            'date' => date('Y-m-d H:i:s'), 'description' => 'Invoice Payment', 'transid' => uniqid('T'),
            'invoiceid' => $invoice->id,
        ]);
    }

    /** @param array<string, mixed> $values */
    private static function update(int $id, array $values): void
    {
        Capsule::table('tblinvoices')->where('id', $id)->update($values);
    }
}
