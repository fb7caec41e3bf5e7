<?php

namespace WhmcsDouble\Api;

use WhmcsDouble\Invoices;
use WhmcsDouble\Seed;
use WHMCS\Database\Capsule;

/**
 * The actions on invoices, transactions and credit.
 */
final class Billing
{
    public static function createInvoice(array $values, object $admin): array
    {
        $client = Values::number($values, 'userid');
        if (!Capsule::table('tblclients')->where('id', $client)->exists()) {
            throw new Refusal('Client ID Not Found');
        }
        $items = [];
        for ($number = 1; isset($values["itemdescription$number"]); $number++) {
            $items[$values["itemdescription$number"]] = (float) ($values["itemamount$number"] ?? 0);
        }
        $total = array_sum($items);
        $now = date('Y-m-d H:i:s');
        $method = Values::text($values, 'paymentmethod') ?: 'banktransfer';
        $id = Capsule::table('tblinvoices')->insertGetId([
            'userid' => $client, 'invoicenum' => '', 'date' => Values::text($values, 'date') ?: date('Y-m-d'),
            'duedate' => Values::text($values, 'duedate') ?: date('Y-m-d'), 'datepaid' => Seed::ZERO,
            'subtotal' => $total, 'credit' => 0, 'total' => $total, 'paymentmethod' => $method,
            'status' => empty($values['draft']) ? Values::text($values, 'status') ?: 'Unpaid' : 'Draft',
            'notes' => Values::text($values, 'notes'), 'created_at' => $now,
        ]);
        foreach ($items as $description => $amount) {
            Capsule::table('tblinvoiceitems')->insert([
                'invoiceid' => $id, 'userid' => $client, 'type' => '', 'relid' => 0, 'description' => $description,
                'amount' => $amount, 'taxed' => 0, 'paymentmethod' => $method, 'notes' => '',
            ]);
        }
        return ['result' => 'success', 'invoiceid' => $id, 'status' => self::invoice($id)->status];
    }

    public static function getInvoice(array $values, object $admin): array
    {
        $invoice = self::invoice(Values::number($values, 'invoiceid'));
        $items = Capsule::table('tblinvoiceitems')->where('invoiceid', $invoice->id)->get()->all();
        $transactions = Capsule::table('tblaccounts')->where('invoiceid', $invoice->id)->get()->all();
        return [
            'result' => 'success', 'invoiceid' => (string) $invoice->id, 'userid' => (string) $invoice->userid,
            'date' => $invoice->date, 'duedate' => $invoice->duedate, 'datepaid' => $invoice->datepaid,
            'subtotal' => $invoice->subtotal, 'credit' => $invoice->credit, 'total' => $invoice->total,
            'status' => $invoice->status, 'paymentmethod' => $invoice->paymentmethod, 'notes' => $invoice->notes,
            'items' => Values::listed('item', $items), 'transactions' => Values::listed('transaction', $transactions),
        ];
    }

    public static function getInvoices(array $values, object $admin): array
    {
        $invoices = Capsule::table('tblinvoices')->orderByDesc('id');
        foreach (['userid', 'status'] as $name) {
            if (!empty($values[$name])) {
                $invoices->where($name, $values[$name]);
            }
        }
        $total = $invoices->count();
        $start = Values::number($values, 'limitstart');
        $rows = $invoices->skip($start)->take(Values::number($values, 'limitnum') ?: 25)->get()->all();
        foreach ($rows as $row) {
            $row->currencycode = 'EUR';
        }
        return [
            'result' => 'success', 'totalresults' => $total, 'startnumber' => $start, 'numreturned' => count($rows),
            'invoices' => Values::listed('invoice', $rows),
        ];
    }

    public static function updateInvoice(array $values, object $admin): array
    {
        $invoice = self::invoice(Values::number($values, 'invoiceid'));
        $status = Values::text($values, 'status');
        if ($status === 'Cancelled') {
            Invoices::change($invoice->id, $status);
        } elseif ($status !== '') {
            throw new Refusal('Invalid status ' . $status);
        }
        return ['result' => 'success', 'invoiceid' => $invoice->id];
    }

    public static function addCredit(array $values, object $admin): array
    {
        $client = self::client(Values::number($values, 'clientid'));
        $amount = round((float) Values::text($values, 'amount'), 2);
        if ($amount <= 0) {
            throw new Refusal('No Amount Provided');
        }
        Capsule::table('tblcredit')->insert([
            'clientid' => $client->id, 'admin_id' => $admin->id, 'date' => date('Y-m-d'),
            'description' => Values::text($values, 'description'), 'amount' => $amount, 'relid' => 0,
        ]);
        Capsule::table('tblclients')->where('id', $client->id)->increment('credit', $amount);
        return ['result' => 'success', 'newbalance' => self::client($client->id)->credit];
    }

    public static function getCredits(array $values, object $admin): array
    {
        $client = self::client(Values::number($values, 'clientid'));
        $rows = Capsule::table('tblcredit')->where('clientid', $client->id)->orderBy('id')->get()->all();
        return [
            'result' => 'success', 'totalresults' => count($rows), 'clientid' => (string) $client->id,
            'credits' => Values::listed('credit', $rows),
        ];
    }

    public static function getTransactions(array $values, object $admin): array
    {
        $transactions = Capsule::table('tblaccounts')->orderBy('id');
        foreach (['clientid' => 'userid', 'invoiceid' => 'invoiceid', 'transid' => 'transid'] as $name => $column) {
            if (!empty($values[$name])) {
                $transactions->where($column, $values[$name]);
            }
        }
        $rows = $transactions->get()->all();
        return [
            'result' => 'success', 'totalresults' => count($rows), 'startnumber' => 0, 'numreturned' => count($rows),
            'transactions' => Values::listed('transaction', $rows),
        ];
    }

    private static function client(int $id): object
    {
        $client = Capsule::table('tblclients')->where('id', $id)->first();
        if ($client === null) {
            throw new Refusal('Client ID Not Found');
        }
        return $client;
    }

    private static function invoice(int $id): object
    {
        $invoice = Capsule::table('tblinvoices')->where('id', $id)->first();
        if ($invoice === null) {
            throw new Refusal('Invoice ID Not Found');
        }
        return $invoice;
    }
}
